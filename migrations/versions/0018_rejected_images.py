"""Images that are kept out of a project for good, and what else is known about an image."""

from alembic import op

from migrations.comments import comment_on

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

contracts = {
    "new: constraint fk_images_rejected_with of images": "code before leaves rejected_with NULL, "
    "and then the reference asks for nothing"
}


def upgrade() -> None:
    op.execute("""
    ALTER TABLE images
        ADD COLUMN crawl_chunk_id uuid,
        ADD COLUMN metadata jsonb DEFAULT '{}' NOT NULL,
        ADD COLUMN rejected boolean DEFAULT false NOT NULL,
        ADD COLUMN reject_reason text,
        ADD COLUMN rejected_with uuid,
        ADD CONSTRAINT ck_images_rejected
            CHECK (rejected OR reject_reason IS NULL) NOT VALID,
        ADD CONSTRAINT fk_images_rejected_with FOREIGN KEY (project_id, rejected_with)
            REFERENCES images (project_id, id) ON DELETE SET NULL (rejected_with) NOT VALID;
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        crawl_chunk_id="Chunk that counts it, as long as there is that chunk; no reference",
        metadata="Further facts from its source",
        rejected="True while it is kept out of exports and later crawls",
        reject_reason="Why it is rejected, for a person",
        rejected_with="Rejected image that it equals or looks like; NULL when rejected itself",
        duplicate_of="Best image of the project that has the same content or looks the same",
        is_duplicate="True when the project has a better image of the same content or looks",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE images
        DROP COLUMN crawl_chunk_id,
        DROP COLUMN metadata,
        DROP COLUMN rejected_with,
        DROP COLUMN reject_reason,
        DROP COLUMN rejected;
    """)
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        duplicate_of="First image of the project with the same content",
        is_duplicate="True when the project already had its content",
    )
