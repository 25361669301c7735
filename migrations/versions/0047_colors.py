"""Images have their mean colour."""

from alembic import op

from migrations.comments import comment_on

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE images ADD COLUMN color integer")
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        color="Mean colour as it shows, 0xRRGGBB; NULL where it was stored before this was kept",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE images DROP COLUMN color")
