"""Work is shared out by account: its messages wait in a queue for their turn."""

from alembic import op

from migrations.comments import comment_on

revision = "0057"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE queued_messages (
        id uuid NOT NULL DEFAULT new_id(),
        topic text NOT NULL,
        user_id uuid NOT NULL,
        key text NOT NULL,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        sent_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_queued_messages PRIMARY KEY (id)
    );
    CREATE INDEX ix_queued_messages_waiting ON queued_messages (topic, user_id, id)
        WHERE sent_at IS NULL;
    CREATE INDEX ix_queued_messages_oldest ON queued_messages (topic, id)
        WHERE sent_at IS NULL;
    CREATE INDEX ix_queued_messages_sent_at ON queued_messages (topic, sent_at)
        WHERE sent_at IS NOT NULL;
    CREATE UNIQUE INDEX uq_queued_messages_topic_key ON queued_messages (topic, key)
        WHERE sent_at IS NULL;
    -- Only the system reads and writes it: callers have no right to it at all.
    GRANT SELECT, INSERT, UPDATE, DELETE ON queued_messages TO pixmill_system;
    """)
    comment_on(
        "queued_messages",
        "Work that is shared out by account: what waits for its turn or has a slot",
        id="UUID version 7, so ids order rows by creation",
        topic="Topic it is published to: the kind of work",
        user_id="Account whose work it is; no reference",
        key="What it is about; waits once in a topic",
        message="Body",
        attributes="Pub/Sub attributes",
        sent_at="When its turn came; since then it takes a slot. NULL while it waits",
        created_at="When the row was written",
    )


def downgrade() -> None:
    # What waits leaves through the outbox, as it did before there was a queue.
    op.execute("""
    INSERT INTO outbox (id, topic, message, attributes, created_at)
        SELECT id, topic, message, attributes, created_at FROM queued_messages
        WHERE sent_at IS NULL;
    DROP TABLE queued_messages;
    """)
