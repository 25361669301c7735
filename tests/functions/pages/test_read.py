"""Reading pages for the images that they show."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from shared.messaging.messages import ChunkReady
from shared.models import CrawlChunk, FetchFailure, Image
from tests.harness import Person, System
from tests.sites import Site, allow_sites, photo, serve

Crawl = Callable[..., Any]


def pages(*urls: str, **more: Any) -> dict[str, Any]:
    """A source of pages."""
    return {"type": "pages", "pages": list(urls), **more}


def render_figures(first: int, count: int = 1) -> str:
    """HTML that shows photographs."""
    return "".join(
        f'<img src="/photos/{n}.jpg" alt="Photograph {n}">' for n in range(first, first + count)
    )


def link(path: str) -> str:
    """HTML that leads to a page."""
    return f'<a href="{path}">more</a>'


def test_images_of_a_page_with_what_it_says_about_them(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    site.photos(2)
    terms = "https://creativecommons.org/publicdomain/zero/1.0/"
    figure = (
        f'<figure>{render_figures(0)}<figcaption><a rel="license" href="{terms}">CC0</a>'
        "</figcaption></figure>"
    )
    page = site.page(
        "/", f"{figure}{render_figures(1)}{render_figures(1)}<img src='/photos/missing.jpg'>"
    )
    job = crawl(pages(page))
    assert (job["status"], job["error"]) == ("completed", None)
    assert (job["total_images"], job["downloaded_images"], job["failed_images"]) == (3, 2, 1)
    images = session.scalars(select(Image).order_by(Image.original_url)).all()
    assert [image.caption for image in images] == ["Photograph 0", "Photograph 1"]
    assert [image.source_page for image in images] == [f"{site.base_url}/"] * 2
    assert images[0].license == terms
    chunks = person.get(f"/v1/crawl-jobs/{job['id']}/chunks")["items"]
    assert [(one["kind"], one["url_count"]) for one in reversed(chunks)] == [
        ("pages", 0),
        ("urls", 3),
    ]
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert (report["pages_read"], report["failed_pages"]) == (1, [])
    assert report["outcomes"] == {"downloaded": 2, "duplicate": 0, "failed": 1}


def test_links_are_followed_as_deep_as_wanted(site: Site, crawl: Crawl, session: Session) -> None:
    site.photos(4)
    with serve() as other:
        site.page("/", render_figures(0) + link("/one.html") + link(other.page("/", "elsewhere")))
        site.page("/one.html", render_figures(1) + link("/two.html") + link("/"))
        site.page("/two.html", render_figures(2) + link("/three.html"))
        site.page("/three.html", render_figures(3))
        with allow_sites(site, other):
            depths = [
                crawl(pages(f"{site.base_url}/", max_depth=n))["total_images"] for n in (0, 2)
            ]
    assert depths == [1, 3]
    assert site.hits["/three.html"] == 0
    assert site.hits["/"] == 2
    # The same host on another port counts as the same site.
    assert other.hits["/"] == 1


def test_other_hosts_only_on_demand(site: Site, crawl: Crawl) -> None:
    port = site.base_url.rpartition(":")[2]
    site.photos(2)
    site.page("/", render_figures(0) + link(f"http://localhost:{port}/away.html"))
    site.page("/away.html", render_figures(1))
    with allow_sites(site, Site(f"http://localhost:{port}")):
        stays = crawl(pages(f"{site.base_url}/", max_depth=1))
        assert (stays["total_images"], site.hits["/away.html"]) == (1, 0)
        leaves = crawl(pages(f"{site.base_url}/", max_depth=1, same_host=False))
    assert (leaves["total_images"], site.hits["/away.html"]) == (2, 1)


def test_every_page_that_gave_nothing_is_named(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    site.photos(1)
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private/\n", "text/plain")
    expected = {
        f"{site.base_url}/missing.html": "http_404",
        site.page("/private/page.html", render_figures(0)): "robots",
        site.page("/noai.html", f"<meta name=robots content=noai>{render_figures(0)}"): "opted_out",
        site.page(
            "/hidden.html", f"<meta name=robots content=noindex>{render_figures(0)}"
        ): "opted_out",
        site.page(
            "/images.html", f"<meta name=robots content=noimageindex>{render_figures(0)}"
        ): "opted_out",
        site.put(
            "/header.html",
            render_figures(0).encode(),
            "text/html",
            headers=[("X-Robots-Tag", "noindex")],
        ): "opted_out",
        site.put("/manual.pdf", b"%PDF-1.7", "application/pdf"): "not_a_page",
        "http://169.254.169.254/": "blocked_address",
    }
    good = site.page("/good.html", render_figures(0))
    job = crawl(pages(*expected, good))
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 1, 1)
    assert job["error"].startswith("8 of 9 pages could not be used (")
    assert "http_404: 1" in job["error"]
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert {one["url"]: one["reason"] for one in report["failed_pages"]} == expected
    assert all(one["detail"] for one in report["failed_pages"])
    assert (report["failure_reasons"], report["failed_urls"]) == ({}, [])
    assert report["pages_read"] == 1
    assert report["page_failure_reasons"] == Counter(expected.values())


def test_addresses_on_a_page_that_cannot_be_taken_fail_with_a_reason(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    site.photos(1)
    long = f"{site.base_url}/a.jpg?sig={'a' * 3000}"
    refused = {
        long: f"{long[:2047]}…",
        "http://u:secret@a.example/a.jpg": "http://***@a.example/a.jpg",
        "http://a.example:99999/a.jpg": "http://a.example:99999/a.jpg",
        "http://a..b/a.jpg": "http://a..b/a.jpg",
        f"{site.base_url}\ufff9": site.base_url,  # what is left of it could be fetched
    }
    page = site.page("/", render_figures(0) + "".join(f'<img src="{url}">' for url in refused))
    job = crawl(pages(page))
    assert (job["total_images"], job["downloaded_images"], job["failed_images"]) == (6, 1, 5)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"bad_url": 5}
    assert {one["url"] for one in report["failed_urls"]} == set(refused.values())
    assert {one["source_page"] for one in report["failed_urls"]} == {page}
    assert all(one["detail"] for one in report["failed_urls"])
    kept = session.scalars(select(cast(CrawlChunk.urls, String))).all()
    assert not any("secret" in text for text in kept)


def test_addresses_that_cannot_be_taken_count_within_the_limit_behind_the_others(
    site: Site, crawl: Crawl
) -> None:
    site.photos(2)
    bad = "".join(f'<img src="http://a.example:99999/{number}.jpg">' for number in range(50))
    page = site.page("/", render_figures(0) + bad + render_figures(1))
    job = crawl(pages(page), max_images=10)
    assert (job["total_images"], job["downloaded_images"], job["failed_images"]) == (10, 2, 8)


def test_links_that_cannot_be_taken_are_pages_that_failed(
    site: Site, crawl: Crawl, person: Person
) -> None:
    host = site.base_url.removeprefix("http://")
    page = site.page(
        "/",
        link(f"http://u:p@{host}/")
        + link(f"/{'a' * 3000}")
        + link("http://a.example:99999/")
        + link(f"http://u:p@{host}/a.jpg"),
    )
    job = crawl(pages(page, max_depth=1))
    assert (job["status"], job["total_images"], job["failed_images"]) == ("completed", 1, 1)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["page_failure_reasons"] == {"bad_url": 2}
    assert {one["source_page"] for one in report["failed_pages"]} == {page}
    assert [one["url"] for one in report["failed_urls"]] == [f"http://***@{host}/a.jpg"]


def test_a_page_that_holds_too_much_is_named_and_keeps_what_was_found(
    site: Site, crawl: Crawl, person: Person
) -> None:
    site.photos(1)
    page = site.page("/", render_figures(0) + "<b>" * 500_000)
    job = crawl(pages(page))
    assert (job["downloaded_images"], job["error"]) == (
        1,
        "1 of 1 pages could not be used (too_large: 1); the report names them.",
    )
    (failed,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_pages"]
    assert failed["detail"] == "the page was read in part: it holds more than 500000 tags"


def test_a_job_that_could_not_read_one_page_has_failed(
    site: Site, crawl: Crawl, person: Person
) -> None:
    job = crawl(pages(f"{site.base_url}/missing.html"))
    assert (job["status"], job["total_images"]) == ("failed", 0)
    assert job["error"] == ("1 of 1 pages could not be used (http_404: 1); the report names them.")
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert (report["pages_read"], report["page_failure_reasons"]) == (0, {"http_404": 1})


def test_links_beyond_the_limit_of_pages_are_said_to_be_left_out(
    site: Site, crawl: Crawl, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.crawls.frontier.MAX_PAGES", 3)
    site.photos(1)
    for number in range(5):
        site.page(f"/{number}", render_figures(0))
    start = site.page("/", "".join(link(f"/{number}") for number in range(5)))
    job = crawl(pages(start, max_depth=1))
    assert (job["downloaded_images"], site.hits["/1"], site.hits["/2"]) == (1, 1, 0)
    assert job["error"].startswith("1 of 3 pages could not be used (too_many_pages: 1)")
    (failed,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_pages"]
    assert failed["url"] == start


@pytest.mark.parametrize("kind", ["", "*/*", "unknown/unknown", "TEXT/HTML"])
def test_a_page_of_no_known_type_is_one(kind: str, site: Site, crawl: Crawl) -> None:
    site.photos(1)
    site.put("/", render_figures(0).encode(), kind)
    assert crawl(pages(f"{site.base_url}/"))["downloaded_images"] == 1


def test_robots_are_heeded_only_when_asked(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    page = site.page(
        "/", f"<meta name=robots content='noai, nofollow'>{render_figures(0)}{link('/a')}"
    )
    job = crawl(pages(page, max_depth=1), respect_robots=False, rights="ignore")
    assert job["downloaded_images"] == 1
    assert site.hits["/a"] == 1
    assert site.hits["/robots.txt"] == 0


def test_a_header_says_nofollow_as_a_meta_does(site: Site, crawl: Crawl) -> None:
    site.photos(2)
    wish = [("X-Robots-Tag", "otherbot: noindex"), ("X-Robots-Tag", "pixmill/0.1: nofollow")]
    page = site.page("/", render_figures(0) + link("/more.html"), headers=wish)
    site.page("/more.html", render_figures(1))
    job = crawl(pages(page, max_depth=1))
    assert (job["downloaded_images"], site.hits["/more.html"]) == (1, 0)


def test_no_more_images_than_wanted(site: Site, crawl: Crawl, person: Person) -> None:
    site.photos(6)
    site.page("/", render_figures(0, 3) + link("/more.html"))
    site.page("/more.html", render_figures(3, 3))
    job = crawl(pages(f"{site.base_url}/", max_depth=1), max_images=4, chunk_size=3)
    assert (job["total_images"], job["downloaded_images"], job["total_chunks"]) == (4, 4, 3)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert (report["max_images_reached"], report["left_out_urls"]) == (True, 0)
    job = crawl(pages(f"{site.base_url}/", max_depth=1), max_images=7)
    assert job["total_images"] == 6
    assert not person.get(f"/v1/crawl-jobs/{job['id']}/report")["max_images_reached"]


def test_reading_goes_on_in_another_chunk(
    site: Site, start: Callable[..., str], system: System, session: Session, person: Person
) -> None:
    site.photos(3)
    gate = threading.Event()
    site.page("/", render_figures(0) + link("/slow.html") + link("/quick.html"))
    site.page("/slow.html", render_figures(1) + link("/"), gate=gate)
    site.page("/quick.html", render_figures(2) + link("/"))
    with allow_sites(site, pages_budget=3):
        job_id = start(pages(f"{site.base_url}/", max_depth=2))
        (requested,) = system.mailbox.take()
        system.deliver(requested)
        ready = next(one for one in system.mailbox.take() if one.topic == "page-chunk-ready")
        assert system.deliver(ready) == [204]
    rows = session.scalars(select(CrawlChunk).order_by(CrawlChunk.position)).all()
    assert [(one.kind, one.status, one.url_count) for one in rows] == [
        ("pages", "completed", 0),
        ("urls", "pending", 2),
        ("pages", "pending", 0),
    ]
    gate.set()
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 3, 3)
    assert (site.hits["/"], site.hits["/quick.html"]) == (1, 1)


def test_pages_that_failed_for_a_passing_reason_are_read_again(
    site: Site, crawl: Crawl, system: System, session: Session, person: Person
) -> None:
    site.photos(2)
    page = site.page("/", render_figures(0) + link("/down.html") + link("/gone.html"))
    site.put("/down.html", b"later", "text/html", status=408)
    job = crawl(pages(page, max_depth=1))
    assert job["total_images"] == 1
    site.page("/down.html", render_figures(1) + render_figures(0) + link("/deep.html"))
    person.post(f"/v1/crawl-jobs/{job['id']}/retry", status=202)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job['id']}")
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 2, 2)
    assert job["error"].startswith("1 of 3 pages")
    assert (site.hits["/"], site.hits["/gone.html"], site.hits["/deep.html"]) == (1, 1, 0)
    assert session.scalars(select(FetchFailure.reason)).all() == ["http_404"]


def test_cancelled_spider_adds_nothing(
    site: Site, start: Callable[..., str], system: System, session: Session, person: Person
) -> None:
    gate = threading.Event()
    site.photos(1)
    job_id = start(pages(site.page("/", render_figures(0), gate=gate)))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = next(one for one in system.mailbox.take() if one.topic == "page-chunk-ready")
    reading = threading.Thread(target=lambda: system.deliver(ready))
    reading.start()
    site.wait_for("/")
    job = person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    gate.set()
    reading.join(60)
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}") == job
    assert session.scalars(select(CrawlChunk.status)).all() == ["cancelled"]
    assert job["failed_images"] == 0


def test_delivered_twice_at_the_same_time_reads_once(
    site: Site, start: Callable[..., str], system: System, person: Person
) -> None:
    site.photos(4)
    job_id = start(pages(site.page("/", render_figures(0, 4))), chunk_size=2)
    system.drain_concurrently(copies=4)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 4, 4)
    assert site.hits["/"] == 1
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_address_of_an_image_among_the_pages(site: Site, crawl: Crawl, session: Session) -> None:
    job = crawl(pages(site.put("/photo.jpg", photo(0))))
    assert (job["total_images"], job["downloaded_images"], job["error"]) == (1, 1, None)


def test_texts_that_cannot_be_stored_as_they_are(
    site: Site, crawl: Crawl, session: Session
) -> None:
    site.photos(1)
    job = crawl(pages(site.page("/", "<img src='/photos/0.jpg' alt='A \0 cat 😀'>")))
    assert job["downloaded_images"] == 1
    assert session.scalars(select(Image.caption)).all() == ["A cat 😀"]


def test_a_message_of_an_older_version_leaves_pages_to_their_workers(
    site: Site, start: Callable[..., str], system: System, session: Session, person: Person
) -> None:
    site.photos(1)
    job_id = start(pages(site.page("/", render_figures(0))))
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    (ready,) = system.mailbox.take()
    system.send(ChunkReady.model_validate(ready.body))
    system.drain()
    assert session.scalars(select(CrawlChunk.status)).all() == ["pending"]
    system.deliver(ready)
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}")["downloaded_images"] == 1
