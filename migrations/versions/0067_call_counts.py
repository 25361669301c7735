"""Processes count calls together."""

from alembic import op

from migrations.comments import comment_on

revision = "0067"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A row is written over and over while its minute lasts, in place where there is room.
    op.execute("""
    CREATE UNLOGGED TABLE call_counts (
        subject text NOT NULL,
        minute timestamptz NOT NULL,
        process uuid NOT NULL,
        calls integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_call_counts PRIMARY KEY (subject, minute, process)
    ) WITH (fillfactor = 50);
    CREATE INDEX ix_call_counts_minute ON call_counts (minute);
    GRANT SELECT, INSERT, UPDATE, DELETE ON call_counts TO pixmill_system;
    """)
    comment_on(
        "call_counts",
        "Calls of keys and addresses, minute by minute; not logged, and lost in a crash",
        subject="A key by the beginning of its hash, or a network address",
        minute="When the minute began",
        process="Who counted: each process writes rows of its own",
        calls="Calls that were let through",
    )


def downgrade() -> None:
    op.execute("DROP TABLE call_counts")
