"""Leases on webhooks: one worker at a time calls one, and what is due is never forgotten.

Locks are `FOR NO KEY UPDATE`, which do not hold up those who write deliveries that refer to the
row. A worker locks the webhook before its deliveries.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, undefer

from shared.messaging.messages import WebhookReady
from shared.messaging.outbox import Outbox
from shared.models import Webhook, WebhookDelivery

# Longer than the time between two writes of a worker, which is that of one post.
LEASE = timedelta(seconds=60)
_BATCH = 20  # deliveries of one call
_WAITING = WebhookDelivery.status == "pending"


@dataclass(frozen=True)
class DueDelivery:
    """A delivery that is due: its event's id, and what is posted."""

    id: UUID
    event_id: UUID
    payload: dict[str, Any]


@dataclass(frozen=True)
class ClaimedWebhook:
    """A webhook under a lease, by its number, with what is due."""

    id: UUID
    lease: int
    url: str
    keys: tuple[str, ...] = field(repr=False)
    due: tuple[DueDelivery, ...]


def claim_webhook(session: Session, webhook_id: UUID) -> ClaimedWebhook | None:
    """Lease a webhook and return what is due; None when there is nothing to do now.

    Where another worker has it, that one, or the sweep, goes on: what has been committed by then is
    seen by whoever holds the row next.
    """
    webhook = session.scalar(
        select(Webhook)
        .where(Webhook.id == webhook_id, Webhook.is_active)
        .options(undefer(Webhook.secret), undefer(Webhook.old_secret))
        .with_for_update(key_share=True)
    )
    if webhook is None:
        return None
    now = _get_time(session)
    if webhook.lease_expires_at is not None and webhook.lease_expires_at > now:
        webhook.due_at = now
        return None
    if webhook.failures and webhook.due_at is not None and webhook.due_at > now:
        return None
    due = session.execute(
        select(WebhookDelivery.id, WebhookDelivery.event_id, WebhookDelivery.payload)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            _WAITING,
            WebhookDelivery.next_attempt_at <= now,
        )
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(_BATCH)
    ).all()
    if not due:
        webhook.due_at = _find_next(session, webhook_id)
        return None
    webhook.due_at = now  # so that the sweep finds it should this worker die
    webhook.leases += 1
    webhook.lease_expires_at = now + LEASE
    keys = [webhook.secret]
    if webhook.old_secret and (webhook.old_secret_expires_at or now) > now:
        keys.append(webhook.old_secret)
    return ClaimedWebhook(
        webhook_id,
        webhook.leases,
        webhook.url,
        tuple(keys),
        tuple(DueDelivery(one.id, one.event_id, one.payload) for one in due),
    )


def lock_leased_webhook(session: Session, claimed: ClaimedWebhook) -> Webhook | None:
    """Lock a webhook that is still this worker's, or return None."""
    return session.scalar(
        select(Webhook)
        .where(Webhook.id == claimed.id, Webhook.leases == claimed.lease)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def release_webhook(session: Session, outbox: Outbox, claimed: ClaimedWebhook) -> None:
    """Give a lease back, and note when the webhook is to be called again."""
    webhook = lock_leased_webhook(session, claimed)
    if webhook is None:
        return
    webhook.lease_expires_at = None
    following = _find_next(session, claimed.id) if webhook.is_active else None
    if following is not None and webhook.failures and webhook.due_at is not None:
        following = max(following, webhook.due_at)
    webhook.due_at = following
    if following is not None and following <= _get_time(session):
        outbox.add(WebhookReady(webhook_id=claimed.id))


def wake_webhook(outbox: Outbox, webhook: Webhook) -> None:
    """Have a webhook, which is locked, called at once, however it has failed."""
    webhook.due_at = func.now()
    outbox.add(WebhookReady(webhook_id=webhook.id))


def resend_due_webhooks(session: Session, outbox: Outbox, limit: int) -> None:
    """Have those webhooks called that are due and that no worker has."""
    free = (Webhook.lease_expires_at.is_(None)) | (Webhook.lease_expires_at < func.now())
    due = and_(Webhook.is_active, Webhook.due_at <= func.now(), free)
    found = session.scalars(select(Webhook.id).where(due).order_by(Webhook.due_at).limit(limit))
    outbox.add(*(WebhookReady(webhook_id=webhook_id) for webhook_id in found))


def note_lost_call(session: Session, webhook_id: UUID) -> None:
    """Leave a webhook to the sweep whose message was given up."""
    session.execute(
        update(Webhook)
        .where(Webhook.id == webhook_id, Webhook.is_active)
        .values(due_at=func.coalesce(Webhook.due_at, func.now()))
        .execution_options(synchronize_session=False)
    )


def _find_next(session: Session, webhook_id: UUID) -> datetime | None:
    return session.scalar(
        select(func.min(WebhookDelivery.next_attempt_at)).where(
            WebhookDelivery.webhook_id == webhook_id, _WAITING
        )
    )


def _get_time(session: Session) -> datetime:
    """Return the time now; that of the transaction may be old where it waited for a lock."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    return now
