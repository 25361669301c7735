"""Pages that showed images are asked again, each once, for what they say of these by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image
from shared.verifications import chunks
from tests.harness import Person
from tests.sites import Site
from tests.verifying import count, results

Crawl = Callable[..., Any]
Verify = Callable[..., Any]
SHOWN = "<img src=/photos/0.jpg><img src=/photos/1.jpg><img src=/photos/2.jpg>"


@pytest.fixture
def crawled(site: Site, crawl: Crawl) -> Any:
    """Crawl two pages, of three images and of one."""
    site.photos(4)
    pages = [site.page("/a", SHOWN), site.page("/b", "<img src=/photos/3.jpg>")]
    job = crawl({"type": "pages", "pages": pages})
    assert job["downloaded_images"] == 4
    return job


@pytest.mark.parametrize(
    ("path", "page", "source"),
    [
        ("/a", {"html": "<meta name=robots content=noai>" + SHOWN}, "robots-meta"),
        ("/a", {"html": '<meta name="tdm-reservation" content="1">' + SHOWN}, "tdm-meta"),
        ("/a", {"html": SHOWN, "headers": [("X-Robots-Tag", "noimageai")]}, "x-robots-tag"),
    ],
)
def test_a_page_that_refuses_by_now_opts_all_of_its_images_out(
    site: Site,
    crawled: Any,
    verify: Verify,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    page: Any,
    source: str,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_SIZE", 2)
    site.page(path, **page)
    site.hits.clear()
    job = verify()
    assert count(job) == {"opted_out": 3, "same_bytes": 1}
    assert (site.hits["/a"], site.hits["/b"]) == (1, 1)
    found = results(person, job)
    assert found["/photos/1.jpg"]["reason"] == "opted_out"
    assert found["/photos/1.jpg"]["detail"].startswith(f"its page {site.base_url}/a: ")
    items = person.get(f"/v1/images/{found['/photos/2.jpg']['image_id']}/rights")["items"]
    (refused,) = [one for one in items if one["decision"] == "refused"]
    assert (refused["source"], refused["verification_job_id"]) == (source, job["id"])
    allowed = person.get(f"/v1/images/{found['/photos/3.jpg']['image_id']}/rights")["items"]
    assert {one["decision"] for one in allowed} == {"allowed"}


def test_a_page_that_robots_forbid_by_now_gives_no_images(
    site: Site, crawled: Any, verify: Verify
) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /b\n", "text/plain")
    assert count(verify()) == {"same_bytes": 3, "opted_out": 1}


def test_a_page_that_gives_no_answer_says_nothing(site: Site, crawled: Any, verify: Verify) -> None:
    del site.replies["/a"]
    site.put("/b", b"down", status=500)
    assert count(verify()) == {"same_bytes": 4}


def test_no_page_is_asked_of_images_that_are_taken_whatever_is_said(
    site: Site, crawled: Any, verify: Verify
) -> None:
    site.page("/a", "<meta name=robots content=noai>" + SHOWN)
    site.hits.clear()
    assert count(verify(rights="ignore")) == {"same_bytes": 4}
    assert site.hits["/a"] == 0


def test_a_list_that_names_a_page_has_it_asked_by_nobody(
    site: Site, crawl: Crawl, verify: Verify, session: Session
) -> None:
    (url,) = site.photos(1)
    page = site.page("/a", "<meta name=robots content=noai>")
    crawl([url])
    image = session.scalars(select(Image)).one()
    image.source_page = page
    session.commit()
    assert count(verify()) == {"same_bytes": 1}
    assert site.hits["/a"] == 0


def test_what_a_sitemap_says_of_itself_is_not_about_its_images(
    site: Site, crawl: Crawl, verify: Verify
) -> None:
    (url,) = site.photos(1)
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        f"<loc>{site.base_url}/a</loc><image:image><image:loc>{url}</image:loc></image:image>"
        "</url></urlset>"
    )
    no_index = [("X-Robots-Tag", "noindex")]
    site.put("/sitemap.xml", sitemap.encode(), "application/xml", headers=no_index)
    job = crawl({"type": "pages", "pages": [site.page("/a", "none")], "sitemap": True})
    assert job["downloaded_images"] == 1
    assert count(verify()) == {"same_bytes": 1}
