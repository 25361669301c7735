"""Reading the sitemaps of a site for its pages and pictures."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image
from tests.harness import Person
from tests.sites import Site, allow_sites, serve

Crawl = Callable[..., Any]
IMAGES = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def pages(*urls: str, **more: Any) -> dict[str, Any]:
    """A source of pages with their sitemaps."""
    return {"type": "pages", "pages": list(urls), "sitemap": True, **more}


def show(number: int) -> str:
    """HTML that shows a photograph."""
    return f'<img src="/photos/{number}.jpg">'


def put_sitemap(site: Site, path: str, *urls: str, **more: Any) -> str:
    """Serve a sitemap of pages."""
    listed = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return site.put(path, f"<urlset {IMAGES}>{listed}</urlset>".encode(), "text/xml", **more)


def put_index(site: Site, path: str, *urls: str) -> str:
    """Serve an index of sitemaps."""
    listed = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return site.put(path, f"<sitemapindex>{listed}</sitemapindex>".encode(), "text/xml")


def test_pages_and_pictures_of_sitemaps_are_read(
    site: Site, crawl: Crawl, session: Session
) -> None:
    site.photos(6)
    base = site.base_url
    site.put("/robots.txt", b"Sitemap: /index.xml\nUser-agent: other\nDisallow: /\n", "text/plain")
    one = site.page("/1", show(1) + '<a href="/linked">more</a>')
    site.page("/linked", show(5))
    two = site.page("/2", show(2))
    packed = gzip.compress(f"<urlset><url><loc>{one}</loc></url></urlset>".encode())
    site.put("/a.xml.gz", packed, "application/x-gzip")
    site.put("/b.txt", f"{two}\n".encode(), "text/plain")
    put_index(site, "/index.xml", f"{base}/a.xml.gz", f"{base}/b.txt", f"{base}/index.xml")
    extended = (
        f"<urlset {IMAGES}><url><loc>{base}/3</loc><image:image><image:loc>/photos/3.jpg"
        "</image:loc><image:caption>Third &amp; last</image:caption></image:image></url></urlset>"
    )
    site.put("/sitemap.xml", extended.encode(), "text/xml", headers=[("X-Robots-Tag", "noindex")])
    site.page("/3", "<p>text</p>")
    job = crawl(pages(site.page("/", show(0)), label="cat"))
    assert (job["status"], job["error"], job["downloaded_images"]) == ("completed", None, 4)
    images = session.scalars(select(Image).order_by(Image.original_url)).all()
    assert [str(one.original_url).rpartition("/")[2] for one in images] == [
        f"{number}.jpg" for number in range(4)
    ]
    assert {one.label for one in images} == {"cat"}
    assert (images[3].caption, images[3].source_page) == ("Third & last", f"{base}/3")
    assert (site.hits["/robots.txt"], site.hits["/index.xml"], site.hits["/linked"]) == (2, 1, 0)


@pytest.mark.parametrize("same_host", [True, False])
def test_pages_of_other_hosts_only_on_demand(site: Site, crawl: Crawl, same_host: bool) -> None:
    port = site.base_url.rpartition(":")[2]
    away = f"http://localhost:{port}"
    site.photos(1)
    site.page("/away", show(0))
    put_sitemap(site, "/sitemap.xml", f"{away}/away")
    with allow_sites(site, Site(away)):
        job = crawl(pages(site.page("/", "<p>text</p>"), same_host=same_host))
    assert (job["downloaded_images"], site.hits["/away"]) == ((0, 0) if same_host else (1, 1))


def test_a_sitemap_may_stand_on_another_host(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    with serve() as other, allow_sites(site, other):
        put_sitemap(other, "/map", site.page("/1", show(0)))
        site.put("/robots.txt", f"Sitemap: {other.base_url}/map".encode(), "text/plain")
        job = crawl(pages(site.page("/", "<p>text</p>")))
    assert (job["downloaded_images"], job["error"]) == (1, None)


def test_robots_that_nobody_heeds_still_name_sitemaps(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    put_sitemap(site, "/map", site.page("/1", show(0)))
    site.put("/robots.txt", b"User-agent: *\nDisallow: /\nSitemap: /map", "text/plain")
    page = site.page("/", "<p>text</p>")
    job = crawl(pages(page), respect_robots=False, rights="ignore")
    assert (job["downloaded_images"], site.hits["/robots.txt"]) == (1, 1)


def test_a_site_without_a_sitemap_is_said_to_have_none(
    site: Site, crawl: Crawl, person: Person
) -> None:
    site.photos(1)
    job = crawl(pages(site.page("/", show(0))))
    assert (job["downloaded_images"], job["status"]) == (1, "completed")
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert [(one["url"], one["reason"]) for one in report["failed_pages"]] == [
        (f"{site.base_url}/sitemap.xml", "http_404")
    ]


def test_hostile_sitemaps_end_with_a_reason(
    site: Site, crawl: Crawl, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.crawls.frontier.MAX_SITEMAPS", 20)
    site.photos(1)
    base = site.base_url
    bomb = gzip.compress(b"<urlset>" + b" " * (60 * 1024 * 1024), 9)
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        f"<urlset><url><loc>{base}/&b;&b;</loc></url></urlset>"
    )
    expected = {
        site.put("/bomb.gz", bomb, "application/gzip"): "too_large",
        site.page("/page.xml", "<p>not found"): "not_a_sitemap",
        put_sitemap(site, "/gone.xml", status=410): "http_410",
    }
    site.put("/laughs.xml", laughs.encode(), "text/xml")
    put_index(site, "/self.xml", f"{base}/self.xml", f"{base}/other.xml")
    put_index(site, "/other.xml", f"{base}/self.xml")
    for number in range(8):
        put_index(site, f"/deep{number}.xml", f"{base}/deep{number + 1}.xml")
    put_index(
        site,
        "/sitemap.xml",
        *expected,
        f"{base}/laughs.xml",
        f"{base}/self.xml",
        f"{base}/deep0.xml",
        f"{base}/sitemap.xml",
        "http://u:secret@a.example/",
    )
    job = crawl(pages(site.page("/", show(0)), same_host=False))
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    failed = {one["url"]: one["reason"] for one in report["failed_pages"]}
    assert failed == {
        **expected,
        f"{base}/&b;&b;": "http_404",
        f"{base}/deep2.xml": "too_large",
        "http://***@a.example/": "bad_url",
    }
    assert all(count == 1 for path, count in site.hits.items() if path.endswith(".xml"))
    assert site.hits["/deep3.xml"] == 0


def test_an_endless_index_is_said_to_be_left_out(
    site: Site, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.crawls.frontier.MAX_SITEMAPS", 3)
    site.photos(1)
    put_index(site, "/sitemap.xml", *(f"{site.base_url}/{number}.xml" for number in range(50)))
    put_sitemap(site, "/0.xml", site.page("/1", show(0)))
    put_sitemap(site, "/1.xml")
    job = crawl(pages(site.page("/", "<p>text</p>")))
    assert job["downloaded_images"] == 1
    assert "too_many_pages: 1" in job["error"]
    assert site.hits["/2.xml"] == 0


def test_endless_redirects_of_robots_end(site: Site, crawl: Crawl) -> None:
    site.photos(1)
    put_sitemap(site, "/sitemap.xml", site.page("/1", show(0)))
    away = [("Location", "/robots.txt")]
    site.put("/robots.txt", b"", "text/plain", status=302, headers=away)
    job = crawl(pages(site.page("/", "<p>text</p>")))
    assert job["downloaded_images"] == 1
    assert site.hits["/robots.txt"] == 2 * 6  # once for pages, once for images
