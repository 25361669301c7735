"""Holds rows that were there before to the checks of the step before."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
_WHY = "it holds new rows to what the step before holds them to, and old ones had no other value"
contracts = {
    f"new: constraint ck_{check} of {table}": _WHY
    for table, check in (
        ("crawl_jobs", "crawl_jobs_stage"),
        ("crawl_jobs", "crawl_jobs_invalid_images"),
        ("crawl_chunks", "crawl_chunks_kind"),
        ("validation_jobs", "validation_jobs_duplicate_images"),
        ("validation_jobs", "validation_jobs_invalid_duplicates"),
    )
}


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
