"""Completing a crawl job: exactly once a run, and never early."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import ChunkSettled
from shared.messaging.outbox import Envelope
from shared.models import CrawlJob, ValidationJob
from tests.harness import Person, System, in_parallel
from tests.sites import Site

Start = Callable[..., str]


def fetched(system: System) -> list[Envelope]:
    """Plans and fetches without settling; returns the messages that are to settle."""
    held: list[Envelope] = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == "chunk-settled":
                held.append(envelope)
            else:
                system.deliver(envelope)
    return held


def test_settled_at_the_same_time_completes_once(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start(site.photos(4), chunk_size=1)
    held = fetched(system)
    assert len(held) == 4
    in_parallel([lambda e=one: system.deliver(e) for one in held for _ in range(2)])
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "completed"
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_job_at_work_shows_what_it_has_reached(
    site: Site, start: Start, system: System, person: Person, project: str
) -> None:
    job_id = start([*site.photos(3), f"{site.base_url}/missing.jpg"], chunk_size=1)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = [one for one in system.mailbox.take() if one.topic == "chunk-ready"]
    for envelope in [ready[0], ready[3]]:
        system.deliver(envelope)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("running", 50)
    assert (job["downloaded_images"], job["valid_images"], job["failed_images"]) == (1, 1, 1)
    assert (job["total_chunks"], job["completed_chunks"], job["active_chunks"]) == (4, 2, 0)
    assert person.get(f"/v1/projects/{project}/crawl-jobs")["items"] == [job]
    assert person.get(f"/v1/projects/{project}")["crawl_jobs"] == [job]
    for envelope in ready[1:3]:
        system.deliver(envelope)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("running", 99)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("completed", 100)


def test_counters_are_written_into_the_row(
    site: Site, crawl: Callable[..., Any], session: Session
) -> None:
    crawl([*site.photos(2), site.photos(1)[0], f"{site.base_url}/missing.jpg"])
    job = session.scalars(select(CrawlJob)).one()
    assert (job.total_images, job.downloaded_images, job.valid_images) == (4, 2, 2)
    assert (job.duplicate_images, job.failed_images, job.total_chunks) == (1, 1, 1)


def test_validation_starts_with_the_end(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(3), validate={"min_width": 10_000})
    system.drain(copies=2)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert job["options"]["validate"] == {"min_width": 10_000}
    validation = session.scalars(select(ValidationJob)).one()
    assert (validation.status, validation.validated_images) == ("completed", 3)
    assert (validation.name, validation.validation_rules) == (job["name"], {"min_width": 10_000})
    assert (job["valid_images"], job["downloaded_images"]) == (0, 3)


def test_stale_word_changes_nothing(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start([f"{site.base_url}/missing.jpg"])
    system.drain()
    before = person.get(f"/v1/crawl-jobs/{job_id}")
    system.send(ChunkSettled.model_validate({"crawl_job_id": job_id}))
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}") == before
    assert system.mailbox.topics().count("crawl-completed") == 1
