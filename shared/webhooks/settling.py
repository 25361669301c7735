"""The outcome of an attempt: written at once, on the delivery and on its webhook."""

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.fetching.posting import PostAnswer
from shared.models import Webhook, WebhookDelivery
from shared.states import MAX_REASON
from shared.texts import clean_line
from shared.webhooks.claims import LEASE, ClaimedWebhook, DueDelivery, lock_leased_webhook
from shared.webhooks.pausing import pause_webhook
from shared.webhooks.waits import PAUSED_AFTER, compute_rest, compute_wait

_GONE = 410


def record_attempt(
    session: Session, claimed: ClaimedWebhook, sent: DueDelivery, answer: PostAnswer
) -> bool:
    """Write what came of a post; return whether the webhook may be called again at once."""
    webhook = lock_leased_webhook(session, claimed)
    if webhook is None:
        return False  # deleted, or another worker's by now
    webhook.lease_expires_at = func.clock_timestamp() + LEASE
    delivery = session.get(WebhookDelivery, sent.id, with_for_update=True)
    if delivery is not None:
        _record_on_delivery(delivery, answer)
    if answer.failure is None:
        webhook.failures, webhook.failing_since, webhook.error = 0, None, None
        return webhook.is_active
    _record_failure(session, webhook, answer, explain_answer(answer))
    return False


def explain_answer(answer: PostAnswer) -> str | None:
    """Return why a post failed, in a sentence for a person; None when it was accepted."""
    failure = answer.failure
    if failure is None:
        return None
    if answer.status is not None and 300 <= answer.status < 400:
        return f"It answered {answer.status}; redirects are not followed: change the address."
    if answer.status is not None:
        return f"It answered {answer.status}; only 200 to 299 count as accepted."
    return clean_line(f"{failure.reason}: {failure.detail}", MAX_REASON)


def _record_on_delivery(delivery: WebhookDelivery, answer: PostAnswer) -> None:
    delivery.attempts += 1
    delivery.response_status = answer.status
    delivery.response_excerpt = clean_line(answer.excerpt.decode("utf-8", "replace")) or None
    delivery.error = explain_answer(answer)
    if answer.failure is None:
        delivery.status, delivery.next_attempt_at = "completed", None
        delivery.delivered_at = func.now()
        return
    wait = compute_wait(delivery.attempts, answer.retry_after)
    delivery.status = "failed" if wait is None else "pending"
    delivery.next_attempt_at = None if wait is None else func.now() + wait


def _record_failure(
    session: Session, webhook: Webhook, answer: PostAnswer, error: str | None
) -> None:
    now = session.scalars(func.now().select()).one()
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    webhook.error = error
    webhook.due_at = now + compute_rest(webhook.failures, answer.retry_after)
    if not webhook.is_active:  # paused while the post was on its way
        pause_webhook(session, webhook, error)
    elif answer.status == _GONE:
        pause_webhook(session, webhook, "Paused: it answered 410, that it wants no more.")
    elif now - webhook.failing_since >= PAUSED_AFTER:
        hours = PAUSED_AFTER // timedelta(hours=1)
        pause_webhook(session, webhook, f"Paused after failing for {hours} hours. {error}")
