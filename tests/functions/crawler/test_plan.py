"""Splitting a source into chunks, once."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.fair_choice import count_open_slots
from shared.messaging.messages import ChunkReady, CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, QueuedMessage
from shared.services import services
from shared.subjects import record_failure
from tests.harness import Person, System, in_parallel

Start = Callable[..., str]


def urls(count: int) -> list[str]:
    """Addresses that lead nowhere."""
    return [f"http://127.0.0.1:9/{n}.jpg" for n in range(count)]


def test_addresses_are_split_in_order(start: Start, system: System, session: Session) -> None:
    given = [*urls(4), {"url": "http://127.0.0.1:9/4.jpg", "label": "cat"}]
    start(given, chunk_size=2)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    chunks = session.scalars(select(CrawlChunk).order_by(CrawlChunk.position)).all()
    assert [(one.position, one.status, one.url_count) for one in chunks] == [
        (0, "pending", 2),
        (1, "pending", 2),
        (2, "pending", 1),
    ]
    assert [entry["url"] for one in chunks for entry in one.urls or []] == urls(5)
    assert (chunks[2].urls or [])[0]["label"] == "cat"
    announced = [one.body["chunk_id"] for one in system.mailbox.waiting if "chunk_id" in one.body]
    assert announced == [str(one.id) for one in chunks]
    job = session.scalars(select(CrawlJob)).one()
    assert job.status == "running"
    assert job.started_at is not None


def test_no_more_than_the_maximum_is_planned(
    start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(urls(10), max_images=5, chunk_size=2)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    assert session.scalars(select(CrawlChunk.url_count).order_by(CrawlChunk.position)).all() == [
        2,
        2,
        1,
    ]
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["total_images"], job["total_chunks"], job["progress"]) == (5, 3, 0)
    assert job["source"]["url_count"] == 10
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert (report["max_images_reached"], report["left_out_urls"]) == (True, 5)


def test_who_lists_addresses_need_not_say_how_many(
    start: Start, system: System, person: Person
) -> None:
    job_id = start(urls(1200))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["total_images"], job["options"]["max_images"]) == (1200, 1200)
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert (report["max_images_reached"], report["left_out_urls"]) == (False, 0)


def test_planned_twice_is_planned_once(start: Start, system: System, session: Session) -> None:
    job_id = start(urls(6), chunk_size=2)
    (requested,) = system.mailbox.take()
    in_parallel([lambda: system.deliver(requested) for _ in range(8)])
    # Another message for the same job, as the sweep may send it.
    system.send(CrawlRequested.model_validate({"crawl_job_id": job_id}))
    (repeated,) = [one for one in system.mailbox.take() if one.topic == "crawl-requested"]
    system.deliver(repeated)
    assert session.scalars(select(CrawlChunk.position).order_by(CrawlChunk.position)).all() == [
        0,
        1,
        2,
    ]
    assert system.mailbox.topics().count("chunk-ready") == 3
    assert set(system.statuses) == {204}


def test_cancelled_job_is_not_planned(
    start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(urls(3))
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    system.drain()
    assert session.scalars(select(CrawlChunk)).all() == []
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "cancelled"
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_ten_thousand_addresses_in_small_chunks(
    start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(urls(10_000), chunk_size=5)
    (requested,) = system.mailbox.take()
    assert system.deliver(requested) == [204]
    assert session.scalar(select(func.count()).select_from(QueuedMessage)) == 2000
    assert system.mailbox.topics().count("chunk-ready") == count_open_slots(ChunkReady.slots)
    job = person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    assert (job["total_images"], job["failed_images"]) == (10_000, 10_000)


def test_planning_that_fails_for_good_ends_the_job(
    start: Start, system: System, person: Person
) -> None:
    job_id = start(urls(2))
    (requested,) = system.mailbox.take()
    with transaction(services().engine) as session:
        message = CrawlRequested.model_validate(requested.body)
        record_failure(session, message, "It failed 5 times.", Outbox(session))
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"]) == ("failed", "It failed 5 times.")
    system.deliver(requested)
    assert person.get(f"/v1/crawl-jobs/{job_id}") == job
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"], job["failed_images"]) == ("completed", None, 2)
