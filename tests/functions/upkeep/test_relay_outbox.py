"""Sending what a crash left."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.messaging.messages import RelayDue, WorkSettled
from shared.messaging.outbox import Envelope
from shared.models import OutboxMessage
from shared.models.base import new_id
from tests.harness import Mailbox, System, in_parallel


def leave(session: Session, count: int, topic: str = WorkSettled.topic) -> set[UUID]:
    """Messages that were written a minute ago and never sent."""
    rows = [
        OutboxMessage(
            topic=topic,
            message={"crawl_job_id": str(new_id())},
            attributes={"traceparent": "00-0"},
            created_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 1),
        )
        for _ in range(count)
    ]
    session.add_all(rows)
    session.commit()
    return {row.id for row in rows}


def relay(system: System) -> None:
    system.send(RelayDue())
    system.deliver(system.mailbox.waiting.pop())


def list_sent(system: System) -> list[UUID]:
    return [one.id for one in system.mailbox.sent if one.topic != RelayDue.topic]


def count_unsent(session: Session) -> int:
    return session.scalar(select(func.count()).where(OutboxMessage.sent_at.is_(None))) or 0


def test_what_broke_leaves_with_the_next_run(system: System, session: Session) -> None:
    person = system.person()
    system.mailbox.broken = True
    project = person.post("/v1/projects", {"name": "p"})
    person.request("DELETE", f"/v1/projects/{project['id']}")
    system.mailbox.broken = False
    session.execute(update(OutboxMessage).values(created_at=func.now() - func.make_interval(1)))
    session.commit()
    relay(system)
    (message,) = [one for one in system.mailbox.sent if one.topic == "objects-released"]
    row = session.scalars(select(OutboxMessage)).one()
    assert (row.id, row.message, row.attributes) == (message.id, message.body, message.attributes)
    assert message.attributes["pixmill-id"] == str(row.id)
    assert (row.sent_at is not None, row.attempts) == (True, 1)
    relay(system)
    assert list_sent(system) == [message.id]


def test_young_messages_are_left_to_who_wrote_them(system: System, session: Session) -> None:
    session.add(OutboxMessage(topic="work-settled", message={}))
    session.commit()
    relay(system)
    assert list_sent(system) == []


def test_many_batches_oldest_first(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.relay_outbox.BATCH", 10)
    left = leave(session, 25)
    relay(system)
    assert list_sent(system) == sorted(left)


def test_two_relays_at_once_send_everything_once(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.relay_outbox.BATCH", 7)
    left = leave(session, 60)
    in_parallel([lambda: relay(system) for _ in range(2)])
    assert sorted(list_sent(system)) == sorted(left)
    assert count_unsent(session) == 0


def test_while_pubsub_is_down_nothing_is_lost(system: System, session: Session) -> None:
    leave(session, 3)
    due = Envelope(new_id(), RelayDue.topic, {}, {})
    system.mailbox.broken = True
    assert system.deliver(due) == [204]
    assert count_unsent(session) == 3
    assert session.scalars(select(OutboxMessage.attempts)).all() == [1, 1, 1]
    system.mailbox.broken = False
    relay(system)
    session.expire_all()
    assert count_unsent(session) == 0


def test_a_topic_in_trouble_does_not_hold_up_the_others(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.relay_outbox.BATCH", 5)
    leave(session, 12, topic="missing")
    left = leave(session, 7)
    publish = Mailbox.publish

    def but_one(mailbox: Mailbox, envelopes: Sequence[Envelope]) -> list[UUID]:
        return publish(mailbox, [one for one in envelopes if one.topic != "missing"])

    monkeypatch.setattr(Mailbox, "publish", but_one)
    relay(system)
    assert set(list_sent(system)) == left
    assert count_unsent(session) == 12
