"""The queue in which shared work waits for its turn, on PostgreSQL."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.declarations import MessageOperation
from shared.messaging.accounts import find_accounts
from shared.messaging.fair_choice import count_open_slots
from shared.messaging.fair_queue import count_slots
from shared.messaging.messages import (
    AnalysesRequested,
    ChunkReady,
    ExportRequested,
    Message,
    PredictionRequested,
    SweepDue,
    ValidationRequested,
    WorkSettled,
    list_shared,
)
from shared.models import AnalysisJob, CrawlJob, ImageAnalysis, QueuedMessage, ValidationJob
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions
from shared.runtime.unit_of_work import pass_slot_on, unit_of_work
from shared.settings import SettingError, read_settings
from shared.subjects import find_owner
from tests import factories
from tests.harness import Person, System, in_parallel

SLOTS = ExportRequested.slots  # the fewest that there are
OPEN = count_open_slots(SLOTS)
TOPIC = ExportRequested.topic
OWNERS: dict[UUID, UUID] = {}  # of exports that exist nowhere else


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Return three accounts to which messages belong."""
    OWNERS.clear()

    def find(_: Session, messages: list[ExportRequested]) -> list[UUID]:
        return [OWNERS[one.export_job_id] for one in messages]

    monkeypatch.setattr("shared.messaging.fair_queue.find_accounts", find)
    return [new_id() for _ in range(3)]


def add(account: UUID, number: int) -> list[UUID]:
    """Put so many pieces of an account's work into the queue, in one transaction."""
    ids = [new_id() for _ in range(number)]
    OWNERS.update(dict.fromkeys(ids, account))
    with unit_of_work(None) as (_, outbox):
        outbox.add(*(ExportRequested(export_job_id=one) for one in ids))
    return ids


def count(session: Session) -> Counter[tuple[UUID, bool]]:
    """Return how many rows each account has that wait (False) or have a slot (True)."""
    session.rollback()
    rows = session.execute(select(QueuedMessage.user_id, QueuedMessage.sent_at.is_not(None)))
    return Counter((row[0], row[1]) for row in rows)


def test_what_leaves_is_as_much_as_there_are_slots(
    system: System, session: Session, queue: list[UUID]
) -> None:
    many, other, third = queue
    ids = add(many, 50)
    sent = system.mailbox.take()
    assert [one.body["export_job_id"] for one in sent] == [str(one) for one in ids[:OPEN]]
    assert count(session) == {(many, True): OPEN, (many, False): 50 - OPEN}
    (newcomer,) = add(other, 1)  # has a place that was left for it
    (first,) = system.mailbox.take()
    assert first.body["export_job_id"] == str(newcomer)
    assert add(third, 1)
    assert system.mailbox.take() == []  # every slot is taken
    pass_slot_on(TOPIC, str(sent[0].id))
    (next_one,) = system.mailbox.take()  # and whoever has none at work is the next
    assert OWNERS[UUID(next_one.body["export_job_id"])] == third


def test_what_waits_already_waits_once(system: System, session: Session, queue: list[UUID]) -> None:
    ids = add(queue[0], OPEN + 2)
    for _ in range(2):
        with unit_of_work(None) as (_session, outbox):
            outbox.add(*(ExportRequested(export_job_id=one) for one in ids[OPEN:]))
    assert count(session)[queue[0], False] == 2


def test_a_rolled_back_cause_leaves_nothing(
    system: System, session: Session, queue: list[UUID]
) -> None:
    def fail() -> None:
        with unit_of_work(None) as (_, outbox):
            outbox.add(ExportRequested(export_job_id=new_id()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (count(session), system.mailbox.take()) == (Counter(), [])


def test_choices_at_the_same_time_take_each_slot_once(
    system: System, session: Session, queue: list[UUID]
) -> None:
    in_parallel([lambda account=one: add(account, 12) for one in queue for _ in range(2)])
    handled: list[str] = []
    while waiting := system.mailbox.take():
        taken = count(session)
        assert len(waiting) == sum(taken[one, True] for one in queue) <= SLOTS
        handled += [one.body["export_job_id"] for one in waiting]
        in_parallel([lambda e=one: pass_slot_on(TOPIC, str(e.id)) for one in waiting])
    assert sorted(handled) == sorted(map(str, OWNERS))  # each once, none lost
    assert count(session) == Counter()


def test_a_slot_whose_message_was_lost_is_free_again(
    system: System, session: Session, queue: list[UUID]
) -> None:
    add(queue[0], OPEN + 1)
    lost = system.mailbox.take()
    session.execute(
        update(QueuedMessage)
        .where(QueuedMessage.id.in_([one.id for one in lost]))
        .values(sent_at=func.now() - text("interval '16 minutes'"))
    )
    session.commit()
    system.send(SweepDue())
    system.deliver(system.mailbox.take()[0])
    assert [one.topic for one in system.mailbox.take()] == [TOPIC]


def test_a_dead_letter_gives_its_slot_back(
    system: System, session: Session, queue: list[UUID]
) -> None:
    add(queue[0], 1)
    (envelope,) = system.mailbox.take()
    assert count(session)[queue[0], True] == 1
    system.dead_letter(envelope)
    system.drain()
    assert count(session) == Counter()


def test_a_function_that_has_dealt_with_a_message_passes_its_slot_on(
    system: System, session: Session, person: Person
) -> None:
    project = factories.project(session, person.id)
    job = factories.crawl_job(session, project, status="running")
    with unit_of_work(None) as (_, outbox):
        outbox.add(
            *(ChunkReady(crawl_job_id=job.id, chunk_id=new_id()) for _ in range(ChunkReady.slots))
        )
    open_slots = count_open_slots(ChunkReady.slots)
    assert count(session)[person.id, True] == open_slots
    system.deliver(system.mailbox.take()[0])  # there is no such chunk, so nothing is to be done
    assert [one.topic for one in system.mailbox.take()] == ["chunk-ready"]
    assert sum(count(session).values()) == ChunkReady.slots - 1


def test_slots_are_what_the_functions_declare() -> None:
    declared: Counter[type[Message]] = Counter()
    for _, operation in list_message_functions():
        assert isinstance(operation, MessageOperation)
        if operation.message.slots:
            declared[operation.message] += (
                operation.terms.max_instances * operation.terms.concurrency
            )
    assert declared == {message: message.slots for message in list_shared()}


def test_a_deployment_says_how_many_slots_there_are() -> None:
    assert count_slots(ExportRequested, "") == ExportRequested.slots
    assert count_slots(ExportRequested, "2") == 2
    assert count_slots(ExportRequested, "9") == ExportRequested.slots
    assert count_slots(ExportRequested, "chunk-ready=40, export-requested=9") == 9
    assert count_slots(ExportRequested, "chunk-ready=40") == ExportRequested.slots
    assert count_slots(WorkSettled, "7") == 0
    environ = {"GOOGLE_CLOUD_PROJECT": "p", "PIXMILL_BUCKET": "b"}
    with pytest.raises(SettingError):
        read_settings({**environ, "PIXMILL_SLOTS": "0"})


def test_work_belongs_to_the_account_of_its_row(session: Session, person: Person) -> None:
    project = factories.project(session, person.id)
    job = factories.crawl_job(session, project)
    image = factories.image(session, job)
    validation = ValidationJob(crawl_job_id=job.id, name="v", validation_rules={})
    analysis_job = AnalysisJob(crawl_job_id=job.id, analyzer="basic")
    session.add_all([validation, analysis_job])
    session.flush()
    analysis = ImageAnalysis(image_id=image.id, analyzer="basic", model_version="1")
    session.add(analysis)
    session.commit()
    messages: list[Message] = [
        ChunkReady(crawl_job_id=job.id, chunk_id=new_id()),
        ValidationRequested(validation_job_id=validation.id),
        AnalysesRequested(analysis_ids=[analysis.id]),
        AnalysesRequested(analysis_ids=[analysis.id], analysis_job_id=analysis_job.id),
    ]
    assert find_accounts(session, messages) == [person.id] * 4
    owners = [find_owner(session, one) for one in messages]
    assert [one and one.user_id for one in owners] == [person.id] * 4
    gone = [PredictionRequested(prediction_id=new_id()), ExportRequested(export_job_id=new_id())]
    assert find_accounts(session, list(gone)) == [None, None]
    assert session.get(CrawlJob, job.id) is not None
