"""Holds exports that were there before to the checks of the step before."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
_WHY = "it holds new rows to what the step before holds them to, and old ones had no other value"
contracts = {
    f"new: constraint ck_export_jobs_{column} of export_jobs": _WHY
    for column in ("duplicate_images", "failed_images")
}


def upgrade() -> None:
    op.execute("""
    ALTER TABLE export_jobs
        VALIDATE CONSTRAINT ck_export_jobs_duplicate_images,
        VALIDATE CONSTRAINT ck_export_jobs_failed_images;
    """)


def downgrade() -> None:
    """Leave the checks: the step before removes them."""
