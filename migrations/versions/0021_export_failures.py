"""Add an export's failures, and the number of its images that are duplicates."""

from alembic import op

from migrations.comments import comment_on

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE export_jobs
        ADD COLUMN duplicate_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN failed_images integer DEFAULT 0 NOT NULL,
        ADD COLUMN failures jsonb DEFAULT '[]' NOT NULL,
        ADD CONSTRAINT ck_export_jobs_duplicate_images
            CHECK (duplicate_images >= 0) NOT VALID,
        ADD CONSTRAINT ck_export_jobs_failed_images CHECK (failed_images >= 0) NOT VALID;
    """)
    comment_on(
        "export_jobs",
        "Files built from a project's images",
        duplicate_images="Images written that duplicate another",
        failed_images="Images that could not be written",
        failures="Why images could not be written, of the first 100",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE export_jobs
        DROP COLUMN duplicate_images,
        DROP COLUMN failed_images,
        DROP COLUMN failures;
    """)
