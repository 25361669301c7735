"""Holds rows that were there before to the checks of the step before."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE crawl_jobs
        VALIDATE CONSTRAINT ck_crawl_jobs_stage,
        VALIDATE CONSTRAINT ck_crawl_jobs_invalid_images;
    ALTER TABLE crawl_chunks VALIDATE CONSTRAINT ck_crawl_chunks_kind;
    ALTER TABLE validation_jobs
        VALIDATE CONSTRAINT ck_validation_jobs_duplicate_images,
        VALIDATE CONSTRAINT ck_validation_jobs_invalid_duplicates;
    """)


def downgrade() -> None:
    """Leave the checks: the step before removes them."""
