"""Messages that leave after commit."""

import json
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import UploadFinalized, WorkSettled
from shared.messaging.outbox import Envelope, Outbox, claim_unsent, send
from shared.models import OutboxMessage
from shared.models.base import new_id
from shared.services import services
from tests.harness import Mailbox, System

pytestmark = pytest.mark.usefixtures("system")


def add(count: int = 1, **attributes: str) -> list[Envelope]:
    with transaction(services().engine) as session:
        outbox = Outbox(session, attributes)
        for _ in range(count):
            outbox.add(WorkSettled(crawl_job_id=new_id()))
    return outbox.added


def count_unsent(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).where(OutboxMessage.sent_at.is_(None))) or 0


def test_the_row_is_what_is_sent(session: Session) -> None:
    (envelope,) = add(traceparent="00-0")
    row = session.scalars(select(OutboxMessage)).one()
    assert (row.id, row.topic) == (envelope.id, "work-settled")
    assert row.message == envelope.body == json.loads(envelope.data)
    assert row.attributes == envelope.attributes
    assert envelope.attributes == {
        "traceparent": "00-0",
        "pixmill-id": str(envelope.id),
        "pixmill-topic": "work-settled",
    }


def test_a_bucket_event_goes_out_as_the_bucket_writes_it() -> None:
    with transaction(services().engine) as session:
        outbox = Outbox(session)
        outbox.add(
            UploadFinalized(bucket="b", name="n", generation=1, size=2, contentType="image/png")
        )
    assert outbox.added[0].body["contentType"] == "image/png"


def test_what_is_rolled_back_is_not_said(session: Session) -> None:
    def breaks() -> None:
        with transaction(services().engine) as inner:
            Outbox(inner).add(WorkSettled(crawl_job_id=new_id()))
            inner.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert count_unsent(session) == 0


def test_what_was_accepted_is_noted(system: System, session: Session) -> None:
    envelopes = add(3)
    assert send(services().engine, system.mailbox, envelopes) == 3
    assert count_unsent(session) == 0
    assert send(services().engine, system.mailbox, []) == 0


def test_what_was_not_accepted_is_left(session: Session) -> None:
    class Picky(Mailbox):
        def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
            return super().publish(envelopes[:1])

    assert send(services().engine, Picky(), add(3)) == 1
    assert count_unsent(session) == 2


def test_trouble_is_not_the_callers(session: Session) -> None:
    class Broken(Mailbox):
        def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
            raise ConnectionError("no route")

    assert send(services().engine, Broken(), add(2)) == 0
    assert count_unsent(session) == 2


def test_a_claim_holds_its_rows() -> None:
    ids = {one.id for one in add(5)}
    engine = services().engine
    with transaction(engine) as one, transaction(engine) as other:
        first = claim_unsent(one, older_than_seconds=0, limit=3)
        second = claim_unsent(other, older_than_seconds=0, limit=3)
        assert (len(first), len(second)) == (3, 2)
        assert {claimed.id for claimed in first + second} == ids


def test_a_claim_passes_over_young_rows_and_named_topics() -> None:
    add(2)
    with transaction(services().engine) as session:
        assert claim_unsent(session, older_than_seconds=60, limit=9) == []
        assert claim_unsent(session, older_than_seconds=0, limit=9, but_not=["work-settled"]) == []
        assert len(claim_unsent(session, older_than_seconds=0, limit=9, but_not=["x"])) == 2
