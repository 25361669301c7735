"""Searches over several workers: others start meanwhile, and those that die are followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import KeywordChunkReady
from shared.models import CrawlChunk
from shared.services import services
from tests.engines import Engines
from tests.functions.searcher.conftest import find_chunk, search
from tests.harness import Person, System, in_parallel
from tests.sites import Site

Crawl = Callable[..., Any]


def test_others_start_while_the_search_goes_on(
    engines: Engines,
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
) -> None:
    urls = site.photos(4)
    engines.know("openverse", "cat", *urls)
    engines.sizes = {"openverse": 2}
    job_id = start(search("cat", engines=["openverse"]))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    assert ready.topic == "keyword-chunk-ready"
    system.deliver(ready)
    assert (find_chunk(session).status, find_chunk(session).attempts) == ("pending", 1)
    assert sorted(one.topic for one in system.mailbox.waiting) == [
        "chunk-ready",
        "keyword-chunk-ready",
    ]
    system.drain(copies=2)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"]) == ("completed", 4)
    assert Counter(given["page"] for _, given in engines.asked) == {"1": 1, "2": 1}


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_goes_on(
    engines: Engines,
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
) -> None:
    engines.know("openverse", "cat", *site.photos(4))
    engines.know("openverse", "dog", *site.photos(2, first=4))
    engines.sizes = {"openverse": 2}
    job_id = start(search("cat", "dog", engines=["openverse"]))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    system.deliver(ready)
    chunk = find_chunk(session)
    with transaction(services().engine) as other:  # a worker with a lease that ran out
        other.execute(
            update(CrawlChunk)
            .where(CrawlChunk.id == chunk.id)
            .values(status="running", attempts=2, lease_expires_at="2020-01-01T00:00:00Z")
        )
    lost = KeywordChunkReady(crawl_job_id=chunk.crawl_job_id, chunk_id=chunk.id)
    system.send(lost)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 6, None)
    asked = Counter((given["q"], given["page"]) for _, given in engines.asked)
    assert asked == {("cat", "1"): 1, ("cat", "2"): 1, ("dog", "1"): 1}
    assert find_chunk(session).status == "completed"


def test_a_cancelled_search_goes_on_where_it_stood(
    engines: Engines, site: Site, start: Callable[..., str], system: System, person: Person
) -> None:
    engines.know("openverse", "cat", *site.photos(4))
    engines.sizes = {"openverse": 2}
    job_id = start(search("cat", engines=["openverse"]))
    for _ in range(2):  # it is planned, and a page is read
        (message,) = system.mailbox.take()
        system.deliver(message)
    path = f"/v1/crawl-jobs/{job_id}"
    person.post(f"{path}/cancel", None, 202)
    system.drain()
    assert person.get(path)["status"] == "cancelled"
    assert len(engines.asked) == 1
    person.post(f"{path}/retry", None, 202)
    system.drain()
    job = person.get(path)
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 4, None)
    assert [given["page"] for _, given in engines.asked] == ["1", "2"]


def test_a_search_is_given_up_when_no_worker_gets_on(
    engines: Engines,
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
) -> None:
    engines.know("openverse", "cat", *site.photos(1))
    job_id = start(search("cat", "dog", engines=["openverse"]))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    for loss in range(1, 6):
        system.mailbox.take()
        chunk = find_chunk(session)
        assert chunk.status == "pending"
        with transaction(services().engine) as other:
            other.execute(
                update(CrawlChunk)
                .where(CrawlChunk.id == chunk.id)
                .values(status="running", attempts=loss, lease_expires_at="2020-01-01T00:00:00Z")
            )
        ready = KeywordChunkReady(crawl_job_id=chunk.crawl_job_id, chunk_id=chunk.id)
        system.send(ready)
        (lost,) = system.mailbox.take()
        system.deliver(lost)
    assert find_chunk(session).status == "failed"
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"]) == (
        "failed",
        "Its worker died 5 times with nothing else at work.",
    )


def test_two_workers_at_once_take_nothing_twice(
    engines: Engines,
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
) -> None:
    engines.know("openverse", "cat", *site.photos(3))
    job_id = start(search("cat", engines=["openverse"]))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    in_parallel([lambda: system.deliver(ready)] * 2)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 3, 3)
