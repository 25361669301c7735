"""Activity log, webhooks and their deliveries."""

from alembic import op

from migrations.comments import comment_on

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE activity_logs (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid,
        action text NOT NULL,
        resource_type text,
        resource_id text,
        metadata jsonb NOT NULL DEFAULT '{}',
        ip_address text,
        user_agent text,
        timestamp timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_activity_logs PRIMARY KEY (id),
        CONSTRAINT fk_activity_logs_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE SET NULL
    );
    CREATE INDEX ix_activity_log_timestamp ON activity_logs (timestamp);
    CREATE INDEX ix_activity_log_user_id ON activity_logs (user_id, id);
    CREATE INDEX ix_activity_logs_refused_sign_ins ON activity_logs (ip_address, timestamp)
        WHERE action = 'session.create_refused';
    CREATE INDEX ix_activity_logs_user_id_action_id ON activity_logs (user_id, action, id);
    CREATE INDEX ix_activity_logs_user_id_resource_type_id
        ON activity_logs (user_id, resource_type, id);
    CREATE INDEX ix_activity_logs_user_id_timestamp ON activity_logs (user_id, timestamp);
    """)
    comment_on(
        "activity_logs",
        "Who did what; kept without its person when the person goes",
        id="UUID version 7, so ids order rows by creation",
        user_id="NULL once the person is gone",
        action="What was done, such as project.create",
        resource_type="Kind of thing it was done to",
        resource_id="Id of that thing",
        metadata="Further facts",
        ip_address="Address of the caller",
        user_agent="Program of the caller",
        timestamp="When",
    )

    op.execute("""
    CREATE TABLE webhooks (
        id uuid NOT NULL DEFAULT new_id(),
        user_id uuid NOT NULL,
        url text NOT NULL,
        events text[] NOT NULL,
        secret text NOT NULL,
        is_active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_webhooks PRIMARY KEY (id),
        CONSTRAINT fk_webhooks_user_id FOREIGN KEY (user_id)
            REFERENCES profiles (id) ON DELETE CASCADE
    );
    CREATE INDEX ix_webhooks_user_id_id ON webhooks (user_id, id);
    """)
    comment_on(
        "webhooks",
        "Addresses that want to hear of events",
        id="UUID version 7, so ids order rows by creation",
        user_id="Owner",
        url="Where deliveries are posted",
        events="Event types wanted, such as crawl_job.completed",
        secret="Signing key, as needed to sign; shown once",
        is_active="False stops deliveries",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )

    op.execute("""
    CREATE TABLE webhook_deliveries (
        id uuid NOT NULL DEFAULT new_id(),
        webhook_id uuid NOT NULL,
        event_id uuid NOT NULL,
        event text NOT NULL,
        payload jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        response_status integer,
        error text,
        next_attempt_at timestamptz,
        delivered_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
        CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY (webhook_id)
            REFERENCES webhooks (id) ON DELETE CASCADE,
        CONSTRAINT uq_webhook_deliveries_webhook_id_event_id UNIQUE (webhook_id, event_id),
        CONSTRAINT ck_webhook_deliveries_status
            CHECK (status IN ('pending', 'completed', 'failed')),
        CONSTRAINT ck_webhook_deliveries_attempts CHECK (attempts >= 0)
    );
    CREATE INDEX ix_webhook_deliveries_pending ON webhook_deliveries (next_attempt_at)
        WHERE status = 'pending';
    """)
    comment_on(
        "webhook_deliveries",
        "Events on their way to webhooks",
        id="UUID version 7, so ids order rows by creation",
        webhook_id="Where it goes",
        event_id="Id of the event, the webhook-id header; the same on every attempt",
        event="Event type, such as crawl_job.completed",
        payload="Body that is posted",
        status="pending, completed or failed",
        attempts="Posts tried",
        response_status="HTTP status of the last answer",
        error="Why the last post failed, for a person",
        next_attempt_at="When to try again",
        delivered_at="When it was accepted",
        created_at="When the row was written",
        updated_at="When the row last changed; kept by a trigger",
    )


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    op.drop_table("activity_logs")
