"""Outbox, claims, idempotency keys and dead letters."""

from alembic import op

from migrations.comments import comment_on

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE outbox (
        id uuid NOT NULL DEFAULT new_id(),
        topic text NOT NULL,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        sent_at timestamptz,
        attempts integer NOT NULL DEFAULT 0,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_outbox PRIMARY KEY (id),
        CONSTRAINT ck_outbox_attempts CHECK (attempts >= 0)
    );
    CREATE INDEX ix_outbox_sent_at ON outbox (sent_at) WHERE sent_at IS NOT NULL;
    CREATE INDEX ix_outbox_unsent ON outbox (created_at) WHERE sent_at IS NULL;
    """)
    comment_on(
        "outbox",
        "Messages to publish; its id is the message's identity for consumers",
        id="UUID version 7, so ids order rows by creation",
        topic="Topic it is published to",
        message="Body",
        attributes="Pub/Sub attributes",
        sent_at="NULL until published",
        attempts="Publishes tried",
        last_error="Why the last publish failed",
        created_at="When the row was written",
    )

    op.execute("""
    CREATE TABLE deliveries (
        function text NOT NULL,
        message_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_deliveries PRIMARY KEY (function, message_id)
    );
    CREATE INDEX ix_deliveries_created_at ON deliveries (created_at);
    """)
    comment_on(
        "deliveries",
        "Messages already handled, so that a repeat does nothing",
        function="Function that handled it",
        message_id="Outbox id or event id",
        created_at="When the row was written",
    )

    op.execute("""
    CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        key text NOT NULL,
        function text NOT NULL,
        request_hash text NOT NULL,
        status text NOT NULL DEFAULT 'running',
        response_status integer,
        response_body jsonb,
        response_headers jsonb,
        expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key),
        CONSTRAINT fk_idempotency_keys_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE,
        CONSTRAINT ck_idempotency_keys_status CHECK (status IN ('running', 'done')),
        CONSTRAINT ck_idempotency_keys_response
            CHECK (status <> 'done' OR response_status IS NOT NULL)
    );
    CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at);
    """)
    comment_on(
        "idempotency_keys",
        "Answers to repeatable requests, one per caller and key",
        user_id="Caller",
        key="Idempotency-Key header",
        function="Function that was called",
        request_hash="SHA-256 hex of what was asked",
        status="running or done",
        response_status="HTTP status answered",
        response_body="Body answered",
        response_headers="Headers answered",
        expires_at="When the answer is forgotten",
        created_at="When the row was written",
    )

    op.execute("""
    CREATE TABLE dead_letters (
        id uuid NOT NULL DEFAULT new_id(),
        topic text,
        subscription text,
        function text,
        message jsonb NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        reason text,
        delivery_attempts integer,
        redriven_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_dead_letters PRIMARY KEY (id),
        CONSTRAINT ck_dead_letters_delivery_attempts CHECK (delivery_attempts >= 0)
    );
    CREATE INDEX ix_dead_letters_waiting ON dead_letters (id) WHERE redriven_at IS NULL;
    """)
    comment_on(
        "dead_letters",
        "Messages given up, kept for a person to read and send again",
        id="UUID version 7, so ids order rows by creation",
        topic="Topic it was published to",
        subscription="Subscription that gave up",
        function="Function that could not handle it",
        message="Body",
        attributes="Pub/Sub attributes",
        reason="Last error, for a person",
        delivery_attempts="Deliveries tried",
        redriven_at="When it was sent again",
        created_at="When the row was written",
    )


def downgrade() -> None:
    op.drop_table("dead_letters")
    op.drop_table("idempotency_keys")
    op.drop_table("deliveries")
    op.drop_table("outbox")
