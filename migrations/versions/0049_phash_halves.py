"""Images have hashes of their halves, and the noise in all of them."""

from alembic import op

from migrations.comments import comment_on

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE images ADD COLUMN phash_halves bytea,
        ADD CONSTRAINT ck_images_phash_halves CHECK (octet_length(phash_halves) = 37);
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        phash_halves="phash of the upper, lower, left and right half, 8 bytes each; then a byte"
        " each of how many tenths of bits of the whole and of the halves saving again flips",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE images DROP COLUMN phash_halves")
