"""Images have the CRC-32 of their content, and what it has beside the picture."""

from alembic import op

from migrations.comments import comment_on

revision = "0052"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE images ADD COLUMN crc32 bigint, ADD COLUMN extras text,
        ADD CONSTRAINT ck_images_extras CHECK (extras IN ('none', 'metadata', 'refused'));
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        crc32="CRC-32 of the content; NULL where it was stored before this was kept",
        extras="What the content has beside the picture: none, metadata, or what readers refuse it"
        " for (refused); NULL is unknown",
    )


def downgrade() -> None:
    op.execute("ALTER TABLE images DROP COLUMN extras, DROP COLUMN crc32")
