"""Images know the place of their entry in its list, and who said what they took from duplicates."""

from alembic import op

from migrations.comments import comment_on

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE images ADD COLUMN list_position integer, ADD COLUMN said_by jsonb;
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        list_position="Place of its entry in the list of its crawl job, from 0",
        said_by="Where a label and the like is from another entry: its job and place, or person",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE images DROP COLUMN said_by, DROP COLUMN list_position")
