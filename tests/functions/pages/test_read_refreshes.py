"""Reading pages that send their readers on."""

from collections.abc import Callable
from typing import Any

from tests.harness import Person
from tests.sites import Site, allow_sites

Crawl = Callable[..., Any]


def pages(*urls: str, **more: Any) -> dict[str, Any]:
    """A source of pages."""
    return {"type": "pages", "pages": list(urls), **more}


def meta(content: str) -> str:
    """HTML that sends its readers on."""
    return f'<meta http-equiv=refresh content="{content}">'


def refresh(site: Site, path: str, content: str) -> str:
    """Serve a page that does nothing else; return its address."""
    return site.page(path, meta(content))


def test_a_page_that_only_leads_on_is_followed_as_a_redirect_is(
    site: Site, crawl: Crawl, person: Person
) -> None:
    site.photos(2)
    start = refresh(site, "/", "0; url=/1")
    refresh(site, "/1", "5; url=/2")
    site.put("/2", b"Wait.", "text/plain", headers=[("Refresh", "1; url=/3")])
    site.put("/3", b"", "text/html", headers=[("Refresh", "0; url=/4")])
    refresh(site, "/4", "0; url=/5")
    site.page("/5", '<img src="/photos/0.jpg"><a href="/6">more</a>')
    site.page("/6", '<img src="/photos/1.jpg">')
    job = crawl(pages(start, max_depth=1))
    assert (job["status"], job["downloaded_images"], job["error"]) == ("completed", 2, None)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert (report["pages_read"], report["failed_pages"]) == (2, [])
    assert all(site.hits[f"/{name}"] == 1 for name in ("", *"123456"))


def test_a_page_that_shows_images_and_leads_on_is_read_and_so_is_the_next(
    site: Site, crawl: Crawl
) -> None:
    site.photos(2)
    start = site.page("/", meta("5; url=/next") + '<img src="/photos/0.jpg">')
    site.page("/next", meta("5; url=/") + '<img src="/photos/1.jpg">')
    site.put(
        "/webcam",
        b'<img src="/photos/1.jpg">',
        "text/html",
        headers=[("Refresh", "5; url=/webcam")],
    )
    job = crawl(pages(start, f"{site.base_url}/webcam"))
    assert (job["downloaded_images"], job["error"]) == (2, None)
    assert (site.hits["/"], site.hits["/next"], site.hits["/webcam"]) == (1, 1, 1)


def test_refreshes_that_lead_nowhere_fail_with_a_reason(
    site: Site, crawl: Crawl, person: Person
) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private\n", "text/plain")
    expected = {
        refresh(site, "/self", "3"): "too_many_redirects",
        refresh(site, "/circle", "0; url=/circle2"): "too_many_redirects",
        refresh(site, "/long", "0; url=/long1"): "too_many_redirects",
        refresh(site, "/bad", "0; url=http://u:secret@a.example/"): "bad_url",
        refresh(site, "/inside", "0; url=http://169.254.169.254/"): "blocked_address",
        refresh(site, "/forbidden", "0; url=/private"): "robots",
        refresh(site, "/gone", "0; url=/missing"): "http_404",
        site.page("/nofollow", "<meta name=robots content=nofollow>" + meta("0;url=/9")): "robots",
    }
    refresh(site, "/circle2", "0; url=/circle")
    for number in range(1, 9):
        refresh(site, f"/long{number}", f"0; url=/long{number + 1}")
    job = crawl(pages(*expected))
    assert (job["status"], job["total_images"]) == ("failed", 0)
    assert job["error"].startswith("8 of 8 pages could not be used (")
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert {one["url"]: one["reason"] for one in report["failed_pages"]} == expected
    details = {one["url"]: one["detail"] for one in report["failed_pages"]}
    assert f"{site.base_url}/missing" in details[f"{site.base_url}/gone"]
    assert "secret" not in str(details)
    assert (site.hits["/long5"], site.hits["/long6"]) == (1, 0)


def test_a_page_may_lead_on_to_another_host(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    port = site.base_url.rpartition(":")[2]
    start = refresh(site, "/", f"0; url=http://localhost:{port}/there")
    site.page("/there", '<img src="/photos/0.jpg">')
    with allow_sites(site, Site(f"http://localhost:{port}")):
        assert crawl(pages(start))["downloaded_images"] == 1


def test_a_page_that_leads_to_one_of_the_others_is_read(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    other = site.page("/other", '<img src="/photos/0.jpg">')
    job = crawl(pages(other, refresh(site, "/", "0; url=/other")))
    assert (job["downloaded_images"], job["error"], site.hits["/other"]) == (1, None, 1)


def test_pages_without_images_are_said_to_have_none(site: Site, crawl: Crawl) -> None:
    job = crawl(pages(site.page("/", "<p>Nothing to see.")))
    assert (job["status"], job["total_images"]) == ("completed", 0)
    assert job["error"] == "No page shows an image."
