"""Exports whose images' rights are asked for again, and verification jobs that can be deleted."""

from alembic import op

from migrations.comments import comment_on

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No row is in the new indexes yet: each is made by one pass over a small table.
    op.execute("""
    ALTER TABLE verification_jobs
        ADD COLUMN export_job_id uuid,
        ADD COLUMN deleted_at timestamptz;
    CREATE UNIQUE INDEX uq_verification_jobs_export_job_id
        ON verification_jobs (export_job_id) WHERE export_job_id IS NOT NULL;
    CREATE INDEX ix_verification_jobs_deleted_at
        ON verification_jobs (deleted_at) WHERE deleted_at IS NOT NULL;
    """)
    comment_on(
        "verification_jobs",
        "Passes over the origins of a project's images",
        export_job_id="Export that waits for it, and whose images it is of; no reference",
        deleted_at="When it was deleted; what is left of it is being removed",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE verification_jobs DROP COLUMN deleted_at, DROP COLUMN export_job_id;
    """)
