"""Webhooks, as subjects of messages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import WebhookReady
from shared.messaging.outbox import Outbox
from shared.models import Webhook
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id
from shared.webhooks.claims import note_lost_call


def _select_owner(message: WebhookReady) -> Owner:
    return select(Webhook.user_id, make_null_id("crawl_job_id"), make_null_id("image_id")).where(
        Webhook.id == message.webhook_id
    )


def _call_later(session: Session, message: WebhookReady, reason: str, outbox: Outbox) -> None:
    """Nothing is lost with a message: the sweep calls the webhook."""
    note_lost_call(session, message.webhook_id)


SUBJECTS: Subjects = {WebhookReady: Subject(_select_owner, _call_later)}
