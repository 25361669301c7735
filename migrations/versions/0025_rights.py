"""The ledger of rights: what sites said about the use of content that a crawl met."""

from alembic import op

from migrations.comments import comment_on

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nobody may change a row: it says what was decided, and by what.
    op.execute("""
    CREATE TABLE rights_signals (
        id uuid NOT NULL DEFAULT new_id(),
        crawl_job_id uuid NOT NULL,
        address text NOT NULL,
        host text NOT NULL,
        source text NOT NULL,
        value text NOT NULL,
        allows boolean,
        evidence_hash text,
        decision text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_rights_signals PRIMARY KEY (id),
        CONSTRAINT fk_rights_signals_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE,
        CONSTRAINT ck_rights_signals_decision CHECK (decision IN ('allowed', 'refused'))
    );
    CREATE INDEX ix_rights_signals_crawl_job_id_host ON rights_signals (crawl_job_id, host);
    CREATE TABLE site_files (
        sha256 text NOT NULL,
        content bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_site_files PRIMARY KEY (sha256)
    );
    ALTER TABLE images ADD COLUMN rights_signal_ids uuid[];

    ALTER TABLE rights_signals ENABLE ROW LEVEL SECURITY;
    ALTER TABLE rights_signals FORCE ROW LEVEL SECURITY;
    CREATE POLICY caller ON rights_signals TO pixmill_caller USING (
        EXISTS (SELECT FROM crawl_jobs parent WHERE parent.id = rights_signals.crawl_job_id)
    );
    CREATE POLICY system ON rights_signals TO pixmill_system USING (true) WITH CHECK (true);
    GRANT SELECT ON rights_signals TO pixmill_caller;
    GRANT SELECT, INSERT ON rights_signals, site_files TO pixmill_system;
    """)
    comment_on(
        "rights_signals",
        "Signals about the use of content, as crawls met them; append only",
        id="Follows from the job and the content",
        crawl_job_id="The crawl that met it",
        address="Where it stands",
        host="Host of that address",
        source="Kind of signal, from a closed list in code",
        value="Its words",
        allows="Whether it allows training; NULL when it is about other things",
        evidence_hash="SHA-256 hex of the site's file that said so; no reference",
        decision="allowed or refused",
        created_at="When the row was written",
    )
    comment_on(
        "site_files",
        "Files of sites that rights_signals name as evidence, each content once",
        sha256="SHA-256 hex of the content",
        content="The bytes",
        created_at="When the row was written",
    )
    comment_on(
        "images",
        "Images of projects, crawled or uploaded",
        rights_signal_ids="Signals about its use that its crawl met; no reference",
    )


def downgrade() -> None:
    op.drop_column("images", "rights_signal_ids")
    op.drop_table("site_files")
    op.drop_table("rights_signals")
