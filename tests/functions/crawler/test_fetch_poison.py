"""Fetching what kills its worker: it is found, and costs nothing else of its chunk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared.crawls.chunks import PAGES, URLS
from shared.crawls.leases import lease_chunk
from shared.database.transactions import transaction
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope
from shared.models import CrawlChunk, FetchFailure
from shared.services import services
from tests.harness import Person, System
from tests.sites import Site, photo

Start = Callable[..., str]
CHUNKS = {"chunk-ready": URLS, "page-chunk-ready": PAGES}


def run_with_poison(system: System, session: Session, poison: str) -> int:
    """Run what waits; whoever is handed the poison is killed. Return how many were."""
    deaths = 0
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic in CHUNKS and meets_poison(session, envelope, poison):
                deaths += kill(session, envelope)
                system.send(SweepDue())
            else:
                system.deliver(envelope)
        assert deaths < 30, "it goes on for ever"
    return deaths


def meets_poison(session: Session, ready: Envelope, poison: str) -> bool:
    """Return whether a worker would meet the poison in this chunk."""
    session.rollback()
    chunk = session.get(CrawlChunk, UUID(ready.body["chunk_id"]))
    return chunk is not None and any(one["url"] == poison for one in chunk.urls or [])


def kill(session: Session, ready: Envelope) -> int:
    """Leave a chunk as a worker does that is killed: under a lease that nobody renews."""
    chunk_id = UUID(ready.body["chunk_id"])
    with transaction(services().engine) as worker:
        leased = lease_chunk(worker, chunk_id, CHUNKS[ready.topic], 60)
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.id == chunk_id, CrawlChunk.status == "running")
        .values(lease_expires_at=func.now() - text("interval '1 second'"))
    )
    session.commit()
    return leased is not None


@pytest.mark.parametrize("place", [0, 4, 12])
def test_one_address_of_many(
    site: Site, start: Start, system: System, session: Session, person: Person, place: int
) -> None:
    urls = site.photos(12)
    poison = site.put("/poison.jpg", photo(20))
    job_id = start([*urls[:place], poison, *urls[place:]])
    assert run_with_poison(system, session, poison) <= 4 + 2  # halves of 13, and twice alone
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"]) == ("completed", 13)
    assert (job["downloaded_images"], job["duplicate_images"], job["failed_images"]) == (12, 0, 1)
    failure = session.scalars(select(FetchFailure)).one()
    assert (failure.url, failure.reason) == (poison, "killed_its_worker")
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert report["failure_reasons"] == {"killed_its_worker": 1}
    chunks = session.scalars(select(CrawlChunk)).all()
    assert all(
        one.downloaded + one.failed == one.url_count == len(one.urls or []) for one in chunks
    )


def test_the_only_address(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    poison = site.put("/poison.jpg", photo(0))
    job_id = start([poison])
    assert run_with_poison(system, session, poison) == 2
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["failed_images"]) == ("failed", 1)
    assert "worker died" in job["error"]


def test_a_death_that_is_no_fault_of_the_address(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(1))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    kill(session, ready)
    assert system.deliver(ready) == [204]  # as Pub/Sub does when nobody acknowledged it
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)


def test_a_page_that_others_lead_to(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    """The first page is read alone at the second attempt, so its images are not lost."""
    site.photos(2)
    poison = site.page("/poison", "")
    source: dict[str, Any] = {
        "type": "pages",
        "pages": [
            site.page("/", "<a href='/poison'>x</a><a href='/b'>b</a><img src='/photos/0.jpg'>")
        ],
        "max_depth": 1,
    }
    site.page("/b", "<img src='/photos/1.jpg'>")
    job_id = start(source)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    kill(session, ready)
    system.send(SweepDue())
    run_with_poison(system, session, poison)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"]) == ("completed", 2)
    failures = session.execute(select(FetchFailure.url, FetchFailure.reason)).all()
    assert failures == [(poison, "killed_its_worker")]
