"""Origins are asked once in a verification, and found addresses are removed in steps."""

from alembic import op

from migrations.comments import comment_on

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows of earlier jobs have no key, and none is in the index: it is made by one pass.
    op.execute("""
    GRANT DELETE ON found_addresses TO pixmill_system;
    ALTER TABLE verification_results ADD COLUMN address_key uuid, ADD COLUMN asked_with uuid;
    CREATE INDEX ix_verification_results_address_key
        ON verification_results (verification_job_id, address_key) WHERE asked_with IS NULL;
    """)
    comment_on(
        "verification_results",
        "Images of verification jobs, with what became of their origins",
        address_key="MD5 of the origin's address and the stored bytes' hash",
        asked_with="Image of the same address and bytes that is asked for instead; no reference",
    )


def downgrade() -> None:
    op.execute("""
    ALTER TABLE verification_results DROP COLUMN asked_with, DROP COLUMN address_key;
    REVOKE DELETE ON found_addresses FROM pixmill_system;
    """)
