"""Cancelling a crawl job. What it means for a worker stands in the crawler's tests."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import CrawlChunk, FetchFailure
from tests.harness import Person, System, in_parallel
from tests.sites import Site

Start = Callable[..., str]


def test_what_is_done_stays_and_the_rest_is_cancelled(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(6), chunk_size=2)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = [one for one in system.mailbox.take() if one.topic == "chunk-ready"]
    system.deliver(ready[0])
    job = person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    assert (job["status"], job["progress"]) == ("cancelled", 33)
    assert (job["downloaded_images"], job["failed_images"], job["total_images"]) == (2, 4, 6)
    for envelope in ready:
        system.deliver(envelope)
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}") == job
    assert set(session.scalars(select(FetchFailure.reason))) == {"cancelled"}
    chunks = select(CrawlChunk.status).order_by(CrawlChunk.position)
    assert session.scalars(chunks).all() == ["completed", "cancelled", "cancelled"]
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert report["outcomes"] == {"downloaded": 2, "duplicate": 0, "failed": 4}
    assert report["failure_reasons"] == {"cancelled": 4}


def test_ended_job_cannot_be_cancelled(start: Start, person: Person) -> None:
    job_id = start(["https://example.com/cat.jpg"])
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    assert "ended" in person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=409)["detail"]


def test_cancelled_at_the_same_time_ends_once(start: Start, person: Person, system: System) -> None:
    job_id = start(["https://example.com/cat.jpg"])
    responses = in_parallel(
        [lambda: person.request("POST", f"/v1/crawl-jobs/{job_id}/cancel") for _ in range(6)]
    )
    assert sorted(one.status_code for one in responses) == [202, *[409] * 5]
    assert system.mailbox.topics().count("crawl-completed") == 1
