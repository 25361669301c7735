"""Reading pages as their source's options say, from all places that pictures stand in."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image
from tests.harness import Person, System
from tests.sites import Site, allow_sites, photo

Crawl = Callable[..., Any]


def pages(*urls: str, **more: Any) -> dict[str, Any]:
    """A source of pages."""
    return {"type": "pages", "pages": list(urls), **more}


def show(number: int) -> str:
    """HTML that shows a photograph."""
    return f'<img src="/photos/{number}.jpg">'


def link(path: str) -> str:
    """HTML that leads to a page."""
    return f'<a href="{path}">more</a>'


def list_names(session: Session) -> set[str]:
    """The names of the files that were stored."""
    return {str(url).rpartition("/")[2] for url in session.scalars(select(Image.original_url))}


def test_pictures_of_all_places_with_the_label_of_the_source(
    site: Site, crawl: Crawl, session: Session
) -> None:
    base = site.base_url
    places = [
        '<img srcset="/photos/{0}.jpg 800w, /photos/90.jpg 400w" src="/photos/91.jpg">',
        '<picture><source type="image/jxl" srcset="/no.jxl"><img src="/photos/{0}.jpg"></picture>',
        '<p style="background-image: url(&quot;/photos/{0}.jpg&quot;)">x</p>',
        "<style>p {{background: image-set(url(/no.jpg) 1x, '/photos/{0}.jpg' 2x)}}</style>",
        '<video poster="/photos/{0}.jpg"></video>',
        '<amp-img src="/photos/{0}.jpg"></amp-img>',
        '<svg><image xlink:href="/photos/{0}.jpg" /></svg>',
        '<link rel="preload" as="image" imagesrcset="/photos/{0}.jpg 2x, /photos/94.jpg 1x">',
        '<img src="data:image/gif;base64,R0lGOD" data-src="/photos/{0}.jpg">',
        f'<meta property="og:image" content="{base}/photos/{{0}}.jpg">',
        '<meta name="twitter:image" content="/photos/{0}.jpg">',
        f'<script type="application/ld+json">{{{{"image": "{base}/photos/{{0}}.jpg"}}}}</script>',
        '<div data-bg="/photos/{0}.jpg"></div>',
        '<input type="image" src="/photos/{0}.jpg">',
        '<noscript><img src="/photos/{0}.jpg"></noscript><template><img src="/no"></template>',
    ]
    site.photos(len(places))
    html = "".join(place.format(number) for number, place in enumerate(places))
    job = crawl(pages(site.page("/", html), label="cat"), dedup="none")
    assert (job["status"], job["error"], job["failed_images"]) == ("completed", None, 0)
    assert list_names(session) == {f"{number}.jpg" for number in range(len(places))}
    assert set(session.scalars(select(Image.label))) == {"cat"}


def test_patterns_choose_pages_and_leave_out_images(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    site.photos(6)
    start = site.page(
        "/", show(0) + "".join(map(link, ("/cats/1", "/cats/2", "/dogs/3", "/cats/4")))
    )
    for path in ("/cats/1", "/cats/2", "/dogs/3"):
        site.page(path, show(int(path[-1])) + '<img src="/photos/thumbs/9.jpg">' + link("/cats/5"))
    site.page("/cats/5", show(5))
    site.put("/cats/4", b"", status=302, headers=[("Location", "/login/4")])
    site.page("/login/4", show(4))
    source = pages(
        start, max_depth=10, include=["/cats/"], exclude=["*/thumbs/", "/cats/2$", "/login"]
    )
    job = crawl(source)
    assert list_names(session) == {"0.jpg", "1.jpg", "5.jpg"}
    assert (site.hits["/cats/2"], site.hits["/dogs/3"], site.hits["/photos/thumbs/9.jpg"]) == (
        0,
        0,
        0,
    )
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert [(one["url"], one["reason"]) for one in report["failed_pages"]] == [
        (f"{site.base_url}/cats/4", "excluded")
    ]


def test_ten_steps_deep(site: Site, crawl: Crawl, session: Session) -> None:
    site.photos(12)
    for number in range(12):
        site.page(f"/{number}", show(number) + link(f"/{number + 1}") + link("/0"))
    crawl(pages(f"{site.base_url}/0", max_depth=10))
    assert list_names(session) == {f"{number}.jpg" for number in range(11)}


@pytest.mark.parametrize(
    ("more", "html", "header", "expected"),
    [
        ({}, "", None, ("{page}", "{origin}/")),
        ({"referer": "none"}, "", None, (None, None)),
        ({}, "<meta name=referrer content=no-referrer>", None, (None, None)),
        ({}, "<meta name=referrer content=origin>", "no-referrer", ("{origin}/", "{origin}/")),
        ({}, "", "unsafe-url", ("{page}", "{page}")),
    ],
)
def test_images_are_asked_for_as_browsers_do(
    site: Site,
    crawl: Crawl,
    more: dict[str, Any],
    html: str,
    header: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    away = f"http://localhost:{site.base_url.rpartition(':')[2]}"
    site.photos(2)
    page = site.page(
        "/page?a=1",
        f'{html}{show(0)}<img src="{away}/photos/1.jpg">',
        headers=[("Referrer-Policy", header)] if header else [],
    )
    site.replies["/page"] = site.replies["/page?a=1"]
    with allow_sites(site, Site(away)):
        job = crawl(pages(f"{page}#top", **more))
    assert job["downloaded_images"] == 2
    found = [site.headers[f"/photos/{number}.jpg"].get("referer") for number in range(2)]
    assert found == [one and one.format(page=page, origin=site.base_url) for one in expected]


def test_a_redirect_to_another_site_is_told_less(site: Site, crawl: Crawl) -> None:
    away = f"http://localhost:{site.base_url.rpartition(':')[2]}"
    site.put("/b.jpg", photo(0))
    site.put("/a.jpg", b"", status=302, headers=[("Location", f"{away}/b.jpg")])
    with allow_sites(site, Site(away)):
        crawl(pages(site.page("/page", '<img src="/a.jpg">')))
    assert site.headers["/a.jpg"]["referer"] == f"{site.base_url}/page"
    assert site.headers["/b.jpg"]["referer"] == f"{site.base_url}/"


def test_a_page_of_thirty_megabytes_fails_with_a_reason(
    site: Site, crawl: Crawl, person: Person
) -> None:
    site.photos(1)
    large = site.put("/large", b"<p>text" * (30 * 1024 * 1024 // 7), "text/html")
    job = crawl(pages(site.page("/", show(0)), large))
    assert job["downloaded_images"] == 1
    (failed,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_pages"]
    assert (failed["url"], failed["reason"]) == (large, "too_large")


def test_many_images_are_handed_on_before_all_pages_are_read(
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.crawls.found_images.MAX_FOUND", 2)
    site.photos(6)
    site.page("/", show(0) + "".join(link(f"/{number}") for number in range(1, 6)))
    for number in range(1, 6):
        site.page(f"/{number}", show(number) + show(0))
    job_id = start(pages(f"{site.base_url}/", max_depth=1))
    sent = [one.topic for one in system.drain()]
    assert sent.count("page-chunk-ready") > 2
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 6, 6)
