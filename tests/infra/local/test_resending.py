"""Messages that an emulator without a memory lost are published again, and no others."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.local.resending import send_again
from shared.models import Delivery, OutboxMessage


def test_only_what_nobody_has_dealt_with_is_sent_again(session: Session, database_url: str) -> None:
    now = datetime.now(UTC)
    lost, handled, old = (
        OutboxMessage(topic="chunk-ready", message={}, sent_at=at)
        for at in (now, now, now - timedelta(days=2))
    )
    session.add_all([lost, handled, old])
    session.flush()
    session.add(Delivery(function="crawler-fetch", message_id=str(handled.id)))
    session.commit()
    send_again(database_url)
    unsent = session.scalars(select(OutboxMessage.id).where(OutboxMessage.sent_at.is_(None)))
    assert unsent.all() == [lost.id]
