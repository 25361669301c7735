"""Rights are asked for again before an export, each address once; what is large goes in steps."""

from alembic import op

from migrations.comments import comment_on

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No row is in the new indexes yet, and earlier results have no key: each is made by one pass.
    op.execute("""
    ALTER TABLE verification_jobs
        ADD COLUMN export_job_id uuid,
        ADD COLUMN deleted_at timestamptz;
    CREATE UNIQUE INDEX uq_verification_jobs_export_job_id
        ON verification_jobs (export_job_id) WHERE export_job_id IS NOT NULL;
    CREATE INDEX ix_verification_jobs_deleted_at
        ON verification_jobs (deleted_at) WHERE deleted_at IS NOT NULL;
    ALTER TABLE verification_results ADD COLUMN address_key uuid, ADD COLUMN asked_with uuid;
    CREATE INDEX ix_verification_results_address_key
        ON verification_results (verification_job_id, address_key) WHERE asked_with IS NULL;
    GRANT DELETE ON found_addresses TO pixmill_system;
    """)
    comment_on(
        "verification_jobs",
        "Passes over the origins of a project's images",
        export_job_id="Export that waits for it, and whose images it is of; no reference",
        deleted_at="When it was deleted; what is left of it is being removed",
    )
    comment_on(
        "verification_results",
        "Images of verification jobs, with what became of their origins",
        address_key="MD5 of the origin's address and the stored bytes' hash",
        asked_with="Image of the same address and bytes that is asked for instead; no reference",
    )


def downgrade() -> None:
    op.execute("""
    REVOKE DELETE ON found_addresses FROM pixmill_system;
    ALTER TABLE verification_results DROP COLUMN asked_with, DROP COLUMN address_key;
    ALTER TABLE verification_jobs DROP COLUMN deleted_at, DROP COLUMN export_job_id;
    """)
