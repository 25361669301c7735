"""The creator of an image, as its file names them."""

from alembic import op

from migrations.comments import comment_on

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE images ADD COLUMN creator text")
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        creator="Who made it, as the file says",
    )


def downgrade() -> None:
    op.drop_column("images", "creator")
