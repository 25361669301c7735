"""Fetching what somebody lists: each address alone, whatever the others are."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import CrawlJob
from tests.harness import Person, System
from tests.sites import Site, photo

Crawl = Callable[..., Any]

NO_ADDRESSES = [
    "",
    "https://example.com/" + "x" * 3000,
    "https://ann:secret@example.com/a.jpg",
    "https://example.com:99999/a.jpg",
    "https://example.com/a\0b.jpg",
    "https://exa mple.com/a.jpg",
    "https://[::1/a.jpg",
    "https://" + "a" * 300 + ".example/a.jpg",
    "ftp://example.com/a.jpg",
    "a.jpg",
    "https://example.com/\ud83d.jpg",
]


def test_what_is_no_address_fails_alone_with_its_place(
    site: Site, crawl: Crawl, person: Person, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    first, last = site.photos(2)
    job = crawl([first, *NO_ADDRESSES, {"url": "nonsense", "label": "cat"}, last], chunk_size=5)
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 14, 2)
    assert job["failed_images"] == len(NO_ADDRESSES) + 1
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"bad_url": 12}
    failed = {one["position"]: one for one in report["failed_urls"]}
    assert sorted(failed) == list(range(1, 13))
    assert failed[3]["url"] == "https://***@example.com/a.jpg"
    assert failed[3]["detail"] == "holds user information"
    assert {(one["retryable"], one["http_status"]) for one in failed.values()} == {(False, None)}
    stored = session.scalars(select(CrawlJob.source)).one()
    assert "secret" not in f"{stored} {report} {caplog.text}"
    assert site.hits["/photos/0.jpg"] == site.hits["/photos/1.jpg"] == 1


def test_every_failure_of_a_list_has_its_place(site: Site, crawl: Crawl, person: Person) -> None:
    missing = f"{site.base_url}/missing.jpg"
    job = crawl([missing, site.photos(1)[0], missing], chunk_size=1)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert sorted(one["position"] for one in report["failed_urls"]) == [0, 2]


def test_cancelled_addresses_keep_their_places(
    start: Callable[..., str], system: System, person: Person, site: Site
) -> None:
    job_id = start([site.photos(1)[0], "nonsense", f"{site.base_url}/missing.jpg"])
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert sorted(one["position"] for one in report["failed_urls"]) == [0, 1, 2]
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    system.drain()
    report = person.get(f"/v1/crawl-jobs/{job_id}/report")
    assert report["outcomes"] == {"downloaded": 1, "duplicate": 0, "failed": 2}
    reasons = {one["position"]: one["reason"] for one in report["failed_urls"]}
    assert reasons == {1: "bad_url", 2: "http_404"}


def test_a_page_that_is_no_address_fails_alone(site: Site, crawl: Crawl, person: Person) -> None:
    site.put("/photo.jpg", photo(0))
    page = site.page("/page", "<img src=/photo.jpg><img src=https://ann:secret@example.com/a.jpg>")
    job = crawl({"type": "pages", "pages": ["https://ann:secret@example.com/", page, "nonsense"]})
    assert (job["status"], job["downloaded_images"], job["failed_images"]) == ("completed", 1, 1)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["page_failure_reasons"] == {"bad_url": 2}
    assert report["pages_read"] == 1
    assert sorted(one["position"] for one in report["failed_pages"]) == [0, 2]
    assert [(one["url"], one["position"]) for one in report["failed_urls"]] == [
        ("https://***@example.com/a.jpg", None)
    ]
    assert "secret" not in f"{job} {report}"


def test_pages_that_are_no_addresses_end_as_failed(crawl: Crawl) -> None:
    job = crawl({"type": "pages", "pages": ["nonsense", "ftp://example.com/"]})
    assert job["status"] == "failed"
    assert "bad_url: 2" in job["error"]


def test_what_an_entry_says_stands_in_its_image(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    url, other = site.photos(2)
    metadata = {"camera": "X100", "stars": 5, "tags": ["wall", None]}
    crawl([{"url": url, "attribution": "Ann", "metadata": metadata}, other])
    images = person.get(f"/v1/projects/{project}/images")["items"]
    said = {one["original_url"]: (one["attribution"], one["metadata"]) for one in images}
    assert said == {url: ("Ann", metadata), other: (None, {})}
    crawl([{"url": other, "metadata": {"stars": 1}}])  # which its original lacks
    original = next(one for one in images if one["original_url"] == other)
    assert person.get(f"/v1/images/{original['id']}")["metadata"] == {"stars": 1}
