"""Changing the secret without losing a delivery."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.harness import Person, System
from tests.receivers import Receiver, send_test


def test_both_secrets_sign_for_a_day(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    new = person.post(f"/v1/webhooks/{webhook['id']}/secret", status=200)
    assert new["secret"] != webhook["secret"]
    left = datetime.fromisoformat(new["old_secret_expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    send_test(person, webhook)
    system.drain()
    assert len(receiver.posts[0].headers["webhook-signature"].split(" ")) == 2
    session.execute(text("UPDATE webhooks SET old_secret_expires_at = now()"))
    session.commit()
    send_test(person, webhook)
    system.drain()
    assert len(receiver.posts[1].headers["webhook-signature"].split(" ")) == 1
