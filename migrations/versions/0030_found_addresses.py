"""Remembers the addresses that a search has found, so that none is taken twice."""

from alembic import op

from migrations.comments import comment_on

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Work of the system: no caller reads it.
    op.execute("""
    CREATE TABLE found_addresses (
        crawl_job_id uuid NOT NULL,
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_found_addresses PRIMARY KEY (crawl_job_id, digest),
        CONSTRAINT fk_found_addresses_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT ON found_addresses TO pixmill_system;
    """)
    comment_on(
        "found_addresses",
        "Addresses that a search by keywords has found, each once for each label",
        crawl_job_id="The job that searches",
        digest="SHA-256 of the label and the address",
        created_at="When the row was written",
    )


def downgrade() -> None:
    op.drop_table("found_addresses")
