"""Webhooks are called under a lease, wait after failures, and may have two secrets for a time."""

from alembic import op

from migrations.comments import comment_on

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing has written to these tables yet: indexes are made in a moment.
    op.execute("""
    ALTER TABLE webhooks
        ADD COLUMN old_secret text,
        ADD COLUMN old_secret_expires_at timestamptz,
        ADD COLUMN error text,
        ADD COLUMN failures integer NOT NULL DEFAULT 0,
        ADD COLUMN failing_since timestamptz,
        ADD COLUMN due_at timestamptz,
        ADD COLUMN leases integer NOT NULL DEFAULT 0,
        ADD COLUMN lease_expires_at timestamptz,
        ADD CONSTRAINT ck_webhooks_failures CHECK (failures >= 0),
        ADD CONSTRAINT ck_webhooks_leases CHECK (leases >= 0);
    CREATE INDEX ix_webhooks_due_at ON webhooks (due_at) WHERE due_at IS NOT NULL;

    ALTER TABLE webhook_deliveries ADD COLUMN response_excerpt text;
    DROP INDEX ix_webhook_deliveries_pending;
    CREATE INDEX ix_webhook_deliveries_waiting ON webhook_deliveries (webhook_id, next_attempt_at)
        WHERE status = 'pending';
    CREATE INDEX ix_webhook_deliveries_webhook_id_id ON webhook_deliveries (webhook_id, id);
    CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at);
    """)
    comment_on(
        "webhooks",
        "Addresses that want to hear of events",
        is_active="False while it is paused, by its owner or after failing for too long",
        old_secret="Signing key before the present one; signs too until it expires",
        old_secret_expires_at="Until when the old key signs",
        error="Why the last post failed or why it is paused, for a person",
        failures="Posts that failed since the last one that was accepted",
        failing_since="When the first of these failed",
        due_at="When it is to be called next; NULL while nothing waits",
        leases="Leases given out; also the fencing token of every write",
        lease_expires_at="Until when one worker alone calls it",
    )
    comment_on(
        "webhook_deliveries",
        "Events on their way to webhooks",
        response_excerpt="Beginning of the last answer",
        next_attempt_at="When to try again; NULL when it has ended or its webhook is paused",
    )


def downgrade() -> None:
    op.execute("""
    DROP INDEX ix_webhook_deliveries_created_at, ix_webhook_deliveries_webhook_id_id,
        ix_webhook_deliveries_waiting;
    CREATE INDEX ix_webhook_deliveries_pending ON webhook_deliveries (next_attempt_at)
        WHERE status = 'pending';
    ALTER TABLE webhook_deliveries DROP COLUMN response_excerpt;
    DROP INDEX ix_webhooks_due_at;
    ALTER TABLE webhooks
        DROP COLUMN old_secret,
        DROP COLUMN old_secret_expires_at,
        DROP COLUMN error,
        DROP COLUMN failures,
        DROP COLUMN failing_since,
        DROP COLUMN due_at,
        DROP COLUMN leases,
        DROP COLUMN lease_expires_at;
    """)
    comment_on(
        "webhooks", "Addresses that want to hear of events", is_active="False stops deliveries"
    )
    comment_on(
        "webhook_deliveries", "Events on their way to webhooks", next_attempt_at="When to try again"
    )
