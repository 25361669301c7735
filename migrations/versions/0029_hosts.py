"""Keeps what workers share about hosts, and lets chunks wait for hosts that are closed."""

from alembic import op

from migrations.comments import comment_on

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A worker writes the rows of its hosts every few seconds, in place where there is room.
    op.execute("""
    CREATE TABLE hosts (
        host text NOT NULL,
        leases jsonb NOT NULL DEFAULT '{}',
        crawl_delay double precision NOT NULL DEFAULT 0,
        next_turn_at timestamptz,
        open_at timestamptz,
        refusals integer NOT NULL DEFAULT 0,
        unanswered integer NOT NULL DEFAULT 0,
        last_refusal text,
        used_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_hosts PRIMARY KEY (host)
    ) WITH (fillfactor = 50);
    CREATE INDEX ix_hosts_used_at ON hosts (used_at);
    CREATE TABLE crawl_hosts (
        crawl_job_id uuid NOT NULL,
        host text NOT NULL,
        refusals integer NOT NULL DEFAULT 0,
        opt_outs integer NOT NULL DEFAULT 0,
        open_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_crawl_hosts PRIMARY KEY (crawl_job_id, host),
        CONSTRAINT fk_crawl_hosts_crawl_job_id FOREIGN KEY (crawl_job_id)
            REFERENCES crawl_jobs (id) ON DELETE CASCADE
    );
    GRANT SELECT, INSERT, UPDATE, DELETE ON hosts, crawl_hosts TO pixmill_system;
    ALTER TABLE crawl_chunks
        ADD COLUMN due_at timestamptz,
        ADD COLUMN waits_since timestamptz;
    CREATE INDEX ix_crawl_chunks_due_at ON crawl_chunks (due_at) WHERE status = 'pending';
    """)
    comment_on(
        "hosts",
        "Hosts that were asked lately, and on what terms; shared by all crawls of all people",
        host="Name that requests go to, with the port unless it is the scheme's own",
        leases="Requests at a time that each worker may make, and until when (Unix time)",
        crawl_delay="Seconds between two requests that its robots.txt asks for",
        next_turn_at="When the next request may be made, where it has a rate or a delay",
        open_at="Nothing is asked before: it wants to be left alone, or it refused",
        refusals="Refusals in a row (429, 503 or silence), each closing it for longer",
        unanswered="Requests in a row that it left without an answer",
        last_refusal="The last refusal in words",
        used_at="When it was last asked, give or take an hour",
    )
    comment_on(
        "crawl_hosts",
        "Hosts that refuse a crawl, whose other chunks heed it too",
        crawl_job_id="The crawl that was refused",
        host="As in hosts",
        refusals="Answers 401, 403 or 451 in a row",
        opt_outs="Images in a row that it does not want to be used",
        open_at="The crawl asks nothing of it before",
        created_at="When the row was written",
    )
    comment_on(
        "crawl_chunks",
        "Shares of a crawl job; each row carries its own counts",
        due_at="When it is handed out, where its hosts are closed until then",
        waits_since="Since when its addresses wait for their hosts",
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_crawl_chunks_due_at")
    op.drop_column("crawl_chunks", "waits_since")
    op.drop_column("crawl_chunks", "due_at")
    op.drop_table("crawl_hosts")
    op.drop_table("hosts")
