"""Reading sitemaps."""

import gzip
import tracemalloc
from itertools import islice

import pytest

from shared.pages.building import BudgetSpent, ImageLink, ReadingLimits, RefusedAddress
from shared.pages.sitemaps import MAX_BYTES, NoSitemap, SitemapEntry, read_sitemap, unpack_sitemap
from tests.growth import assert_linear

URL = "https://a.example/map/sitemap.xml"
IMAGES = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def read(text: str) -> list[SitemapEntry]:
    """Read a sitemap."""
    return list(read_sitemap(text.encode(), URL))


@pytest.mark.parametrize(
    ("text", "addresses", "is_sitemap"),
    [
        ("<urlset><url><loc> /a </loc><lastmod>2026</lastmod></url></urlset>", ["/a"], False),
        ("<urlset><url><loc><![CDATA[/a?b&c]]></loc></url>", ["/a?b&c"], False),
        ("<urlset><url><loc>/a?b&amp;c</loc><loc>/x</loc></url></urlset>", ["/a?b&c"], False),
        ("<urlset><url><loc>/a</loc></url><url><loc>/b", ["/a"], False),
        ("<urlset><url><loc>/a</loc><url><loc>/b</loc></urlset>", ["/a", "/b"], False),
        ("<urlset><!-- <url><loc>/x</loc></url> --><url></url></urlset>", [], False),
        ("<s:urlset xmlns:s='x'><s:url><s:loc>/a</s:loc></s:url></s:urlset>", ["/a"], False),
        ("<?xml version='1.0'?>\n<SitemapIndex><sitemap><loc>/a</loc></sitemap>", ["/a"], True),
        ("\ufeffhttps://a.example/a\r\n\nhttps://a.example/b", ["/a", "/b"], False),
    ],
)
def test_addresses(text: str, addresses: list[str], is_sitemap: bool) -> None:
    found = read(text)
    assert [one.address for one in found] == [f"https://a.example{path}" for path in addresses]
    assert all(one.is_sitemap is is_sitemap for one in found)


@pytest.mark.parametrize("prefix", ["image", "i"])
def test_pictures(prefix: str) -> None:
    text = (
        (
            f"<urlset {IMAGES.replace('image=', f'{prefix}=')}><url><loc>/a</loc><image:image>"
            "<image:loc>/1.jpg</image:loc><image:title>One &amp; only</image:title>"
            "<image:license>https://l.example/</image:license></image:image>"
            "<image:image><image:loc>/2.jpg</image:loc></image:image>"
            "<image:image><image:loc>http://u:secret@b.example/</image:loc></image:image>"
            "<video:video><video:thumbnail_loc>/3.jpg</video:thumbnail_loc></video:video></url>"
        )
        .replace("image:", f"{prefix}:")
        .replace(f"xmlns:{prefix}:", "xmlns:")
    )
    (entry,) = read(text)
    page = "https://a.example/a"
    first, second, third, fourth = entry.images
    assert first == ImageLink(
        "https://a.example/1.jpg",
        title="One & only",
        license="https://l.example/",
        source_page=page,
    )
    assert second == ImageLink("https://a.example/2.jpg", source_page=page)
    assert isinstance(third, RefusedAddress)
    assert (third.url, third.reason) == ("http://***@b.example/", "bad_url")
    assert fourth == ImageLink("https://a.example/3.jpg", source_page=page)


@pytest.mark.parametrize(
    "text", ["<p>not found", "<!doctype html><title>x</title>", "not found", "", "<rss/>"]
)
def test_what_is_no_sitemap(text: str) -> None:
    with pytest.raises(NoSitemap):
        read(text)


def test_entities_stay_as_they_are() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///x">]>'
    found = read(f"{laughs}<urlset><url><loc>/&b;&f;</loc></url></urlset>")
    assert [one.address for one in found] == ["https://a.example/&b;&f;"]


def test_what_holds_too_much_is_read_in_part() -> None:
    text = "<urlset>" + "<url><loc>/a</loc></url>" * 1000
    entries = read_sitemap(text.encode(), URL, limits=ReadingLimits(addresses=10))
    assert len(list(islice(entries, 10))) == 10
    with pytest.raises(BudgetSpent):
        next(entries)


def test_many_pictures_of_one_page_come_one_part_at_a_time() -> None:
    pictures = "<image:image><image:loc>/1.jpg</image:loc></image:image>" * 2500
    found = read(f"<urlset {IMAGES}><url><loc>/a</loc>{pictures}</url></urlset>")
    assert sum(len(one.images) for one in found) == 2500
    assert max(len(one.images) for one in found) == 1000
    assert {one.address for one in found} == {"https://a.example/a"}


def test_packed_files() -> None:
    whole = gzip.compress(b"ab") + gzip.compress(b"cd")
    assert unpack_sitemap(whole) == (b"abcd", False)
    assert unpack_sitemap(whole + b"garbage") == (b"abcd", False)
    assert unpack_sitemap(b"plain") == (b"plain", False)
    assert unpack_sitemap(b"plain", 3) == (b"pla", True)
    assert unpack_sitemap(gzip.compress(bytes(range(256)) * 500)[:200])[0].startswith(b"\0\1\2")
    assert unpack_sitemap(b"\x1f\x8bnonsense") == (b"", False)


def test_a_bomb_takes_no_more_memory_than_a_sitemap() -> None:
    bomb = gzip.compress(bytes(300 * 1024 * 1024), 9)
    tracemalloc.start()
    data, is_cut = unpack_sitemap(bomb, 5 * 1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(data), is_cut) == (5 * 1024 * 1024, True)
    assert peak < 12 * 1024 * 1024
    assert MAX_BYTES == 50 * 1024 * 1024


@pytest.mark.parametrize(
    "unit",
    [
        b"<url><loc>/a</loc></url>",
        b"<loc>",
        b"<!--",
        b"<![CDATA[",
        b"<image:image>",
        b"&a;",
        b"<url>",
    ],
)
def test_time_is_linear(unit: bytes) -> None:
    limits = ReadingLimits(bytes=MAX_BYTES, tags=10**9, addresses=10**9)

    def work(body: bytes) -> None:
        for _ in read_sitemap(body, URL, limits=limits):
            pass

    assert_linear(work, lambda size: b"<urlset>" + unit * (size // len(unit)), 50_000)


def test_time_of_unpacking_is_linear() -> None:
    member = gzip.compress(b"<urlset>")
    assert_linear(unpack_sitemap, lambda size: member * (size // len(member)), 50_000)
