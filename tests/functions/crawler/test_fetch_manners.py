"""Crawls of hosts that want to wait, refuse, or do not want their images to be used."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.messaging.messages import SweepDue
from shared.models import CrawlChunk, CrawlHost, FetchFailure, WebHost
from tests.harness import Person, System
from tests.sites import Reply, Site, allow_sites, photo, serve

Crawl = Callable[..., Any]


def refuse(site: Site, path: str, status: int = 429, seconds: int | None = None) -> str:
    headers = [("Retry-After", str(seconds))] if seconds else []
    site.replies[path] = Reply(b"", status=status, headers=headers)
    return site.base_url + path


def sweep(system: System, session: Session, *, opens: bool = True) -> None:
    """Let the time pass that hosts and chunks wait for, and sweep."""
    if opens:
        session.execute(text("UPDATE hosts SET open_at = now()"))
        session.execute(text("UPDATE crawl_chunks SET due_at = now() WHERE due_at IS NOT NULL"))
        session.commit()
    system.send(SweepDue())
    system.drain()


def test_a_chunk_waits_for_a_closed_host_and_goes_on(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person
) -> None:
    later = refuse(site, "/later.jpg", seconds=1800)
    job = crawl([later])
    assert (job["status"], job["failed_images"], job["total_chunks"]) == ("running", 0, 1)
    chunk = session.scalars(select(CrawlChunk)).one()
    assert (chunk.status, chunk.attempts) == ("pending", 1)
    assert chunk.waits_since is not None
    assert 1700 < (chunk.due_at - chunk.waits_since).total_seconds() <= 1810  # type: ignore[operator]
    (shown,) = person.get(f"/v1/crawl-jobs/{job['id']}/chunks")["items"]
    assert datetime.fromisoformat(shown["due_at"]) == chunk.due_at
    sweep(system, session, opens=False)
    assert site.hits["/later.jpg"] == 1
    site.put("/later.jpg", photo(0))
    sweep(system, session)
    job = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)


def test_the_rest_of_a_chunk_does_not_wait(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person
) -> None:
    with serve() as other, allow_sites(site, other):
        later = refuse(other, "/later.jpg", 503, seconds=600)
        job = crawl([later, *site.photos(3)])
        assert (job["status"], job["downloaded_images"]) == ("running", 3)
        assert job["failed_images"] == 0
        other.put("/later.jpg", photo(9))
        sweep(system, session)
    job = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (job["status"], job["downloaded_images"], job["total_chunks"]) == ("completed", 4, 2)


def test_patience_ends(site: Site, crawl: Crawl, system: System, session: Session) -> None:
    with allow_sites(site, crawl_patience=900):
        job = crawl([refuse(site, "/later.jpg", seconds=600)])
        assert job["status"] == "running"
        session.execute(text("UPDATE crawl_chunks SET waits_since = now() - interval '600 s'"))
        sweep(system, session)
    failure = session.scalars(select(FetchFailure)).one()
    assert (failure.reason, failure.retryable, failure.http_status) == ("rate_limited", True, 429)


def test_a_host_that_forbids_a_crawl_is_left_alone_by_that_crawl(
    site: Site, crawl: Crawl, session: Session
) -> None:
    urls = [refuse(site, f"/{number}.jpg", 403) for number in range(40)]
    job = crawl(urls, chunk_size=10, respect_robots=False, rights="ignore")
    assert (job["status"], job["failed_images"]) == ("completed", 40)
    reasons = Counter(session.scalars(select(FetchFailure.reason)))
    assert reasons["http_403"] + reasons["host_closed"] == 40
    assert 10 <= reasons["http_403"] < 30
    closed = session.scalars(select(FetchFailure).where(FetchFailure.reason == "host_closed"))
    assert all(one.retryable and "forbade" in (one.detail or "") for one in closed)
    assert session.scalars(select(WebHost.refusals)).all() == [0]  # nobody else's crawl knows
    assert crawl(site.photos(2))["downloaded_images"] == 2


def test_a_host_that_keeps_opting_out_is_asked_for_no_more(
    site: Site, crawl: Crawl, session: Session
) -> None:
    noai: dict[str, Any] = {"headers": [("X-Robots-Tag", "noai")]}
    urls = [site.put(f"/{number}.jpg", photo(number), **noai) for number in range(60)]
    job = crawl(urls, chunk_size=10)
    assert (job["status"], job["failed_images"]) == ("completed", 60)
    assert set(session.scalars(select(FetchFailure.reason))) == {"opted_out"}
    asked = sum(site.hits[f"/{number}.jpg"] for number in range(60))
    assert 20 <= asked < 50
    assert session.scalars(select(CrawlHost.opt_outs)).one() >= 20
    details = set(session.scalars(select(FetchFailure.detail)))
    assert any("images in a row out" in (detail or "") for detail in details)
