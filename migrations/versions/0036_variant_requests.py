"""Variants that were asked for of an image by hand, as long as they are not made."""

from alembic import op

from migrations.comments import comment_on

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE images ADD COLUMN variant_requests jsonb")
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        variant_requests="Variants asked for by hand that are not made yet, or cannot be",
    )


def downgrade() -> None:
    op.drop_column("images", "variant_requests")
