"""Reporting what became of a crawl job."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.models import FetchFailure
from tests import factories
from tests.harness import Person, expect
from tests.sites import Site, photo


def test_everything_is_counted(site: Site, crawl: Callable[..., Any], person: Person) -> None:
    host = site.base_url.replace("127.0.0.1", "LocalHost")
    urls: list[Any] = [{"url": url, "license": "CC0"} for url in site.photos(2)]
    urls += [
        site.put("/large.png", photo(2, "png", side=400), "image/png"),
        site.put("/copy.jpg", photo(0)),
        f"{site.base_url}/missing.jpg",
        f"{host}/unreachable.jpg",
    ]
    job = crawl(urls)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert (report["crawl_job_id"], report["status"]) == (job["id"], "completed")
    assert report["outcomes"] == {"downloaded": 3, "duplicate": 1, "failed": 2}
    assert report["failure_reasons"] == {"blocked_address": 1, "http_404": 1}
    assert report["formats"] == {"jpeg": 2, "png": 1}
    assert report["sizes"] == {"0-255": 2, "256-511": 1}
    assert report["licenses"] == {"CC0": 2, "unknown": 1}
    assert report["source_hosts"] == {"127.0.0.1": 3}
    stored = [photo(0), photo(1), photo(2, "png", side=400)]
    assert report["total_bytes"] == sum(map(len, stored))
    assert report["dedup_savings"] == {"images": 1, "bytes": len(photo(0))}
    assert report["duration_seconds"] > 0
    expected = 4 / report["duration_seconds"]
    assert abs(report["images_per_second"] - expected) < 0.01
    assert report["pages_read"] == 0
    assert report["failed_pages"] == []
    (missing,) = (one for one in report["failed_urls"] if one["reason"] == "http_404")
    assert missing == {
        "url": f"{site.base_url}/missing.jpg",
        "position": 4,
        "source_page": None,
        "reason": "http_404",
        "http_status": 404,
        "detail": "the server answered 404",
        "retryable": False,
    }


def test_job_that_waits_has_an_empty_report(start: Callable[..., str], person: Person) -> None:
    job_id = start(["https://example.com/cat.jpg"])
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert report["outcomes"] == {"downloaded": 0, "duplicate": 0, "failed": 0}
    assert (report["formats"], report["total_bytes"]) == ({}, 0)
    assert (report["duration_seconds"], report["images_per_second"]) == (None, None)


def test_every_address_that_failed_is_named_page_by_page(person: Person, session: Session) -> None:
    job = factories.crawl_job(session, factories.project(session, person.id))
    chunk = factories.chunk(session, job)
    address = "http://example.com/{}.jpg"
    rows = [
        {
            "crawl_job_id": job.id,
            "chunk_id": chunk.id,
            "url": address.format(number),
            "reason": "http_404" if number % 2 else "timeout",
        }
        for number in range(450)
    ]
    session.execute(insert(FetchFailure).returning(FetchFailure.id), rows)
    session.commit()
    path = f"/v1/crawl-jobs/{job.id}/report"
    report = person.get(path)
    assert report["failure_reasons"] == {"http_404": 225, "timeout": 225}
    named, pages = [one["url"] for one in report["failed_urls"]], 1
    while report["next_cursor"]:
        report = person.get(f"{path}?limit=150&cursor={report['next_cursor']}")
        named += [one["url"] for one in report["failed_urls"]]
        pages += 1
    assert pages == 3
    assert sorted(named) == sorted(address.format(number) for number in range(450))
    expect(person.request("GET", f"{path}?cursor=nonsense"), 400)
    expect(person.request("GET", f"{path}?limit=201"), 422)
