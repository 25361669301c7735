"""Pages that hold more than is read of one, or are made to take long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pages.building import ReadingLimits, WebPage
from shared.pages.reading import read_page
from tests.growth import Maker, assert_linear, repetitions

BASE = "https://www.example.com/gallery/cats.html"


def read(html: str, base: str = BASE) -> WebPage:
    return read_page(html.encode(), base, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("html", "limits", "cut", "images"),
    [
        ("<img src=1><img src=2><img src=3>", {"addresses": 2}, "more than 2 addresses", 2),
        ("<img src=1><b><i><img src=2>", {"tags": 2}, "more than 2 tags", 1),
        ("<img src=1><img src=2>", {"bytes": 12}, "more than 12 bytes", 1),
        ("<img src=1>" + "<b>" * 2000, {"seconds": 0}, "more than can be read in 0 seconds", 1),
        ("<figure><img src=1><figcaption>x</figcaption><b>", {"tags": 4}, "more than 4 tags", 1),
        (
            "<rss><item><enclosure url=a.jpg /><enclosure url=b.jpg />",
            {"tags": 3},
            "more than 3 tags",
            1,
        ),
        (
            f'<script type="application/ld+json">{" " * 20}</script><img src=1>',
            {"linked_data": 10},
            "more than 10 characters of JSON-LD",
            1,
        ),
        ("<img src=1>", {}, None, 1),
    ],
)
def test_a_page_beyond_its_budget_is_read_in_part(
    html: str, limits: dict[str, int], cut: str | None, images: int
) -> None:
    page = read_page(html.encode(), BASE, "text/html", ReadingLimits(**limits))
    assert page.cut == cut
    assert len(page.images) == images
    assert all(image.caption == "x" for image in page.images if "figure" in html)


def test_nested_captions_take_linear_time() -> None:
    """Each caption reading all that are inside it took 21 seconds for 420 kB."""

    def make(size: int) -> bytes:
        return b"<figure><figcaption>x" * (size // 40) + b"</figcaption></figure>" * (size // 40)

    assert_linear(lambda page: read_page(page, BASE), make, 50_000)


def test_captions_of_deeply_nested_figures_stay_with_their_images() -> None:
    deep = "<figure>" * 100 + "<img src=1>" + "</figure>" * 100
    page = read(f"{deep}<figure><img src=2><figcaption>two</figcaption></figure>")
    assert [image.caption for image in page.images] == [None, "two"]


TOKENS = [
    *(b"<figure>", b"</figure>", b"<figcaption>", b"</figcaption>", b"<picture>", b"</picture>"),
    *(b"<source srcset=a>", b"<img src=a>", b"<img src=b srcset='a 1w, b 2w'>", b"<a href=x>"),
    *(b"<a rel=license href=y>", b"<base href=/q>", b"<title>", b"<svg>", b"<noscript>", b"<p>"),
    *(b'<script type="application/ld+json">', b"</script>", b"<meta name=robots content=none>"),
    *(b"<meta http-equiv=refresh content='", b"url=", b"0;", b"<!--", b"<", b">", b'"', b"'", b"="),
    *(b"http://u@h/", b"//", b"data:", b"&", b"\0", b"\xff", b"<image href=a>", b"\n", b"x "),
]


@given(repetitions(TOKENS))
def test_time_grows_no_faster_than_the_page(make: Maker) -> None:
    assert_linear(lambda page: read_page(page, BASE), make, 10_000)


@given(st.text(alphabet="<>/=\"' !-aimgsrct&;,x\n", max_size=200))
def test_any_text_can_be_read(html: str) -> None:
    read(html)


HOSTILE = {
    "nested elements": "<div>" * 200_000,
    "nested figures": "<figure>" * 60_000 + "<img src=a>" * 30_000,
    "one tag with many attributes": "<img " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
    "tags that never end": "<a b=\"<a c='" * 80_000,
    "open comments": "<!--" * 250_000,
    "open titles": "<title>" * 100_000,
    "captions that never end": "<figure>" + "<figcaption>x" * 70_000 + "</figcaption>" * 9_000,
    "a long srcset": '<img srcset="' + "a 1w," * 100_000 + '">',
    "commas": '<img srcset="' + "," * 1_000_000 + '">',
    "spaces": "<img a" + " " * 1_000_000,
    "equals signs": "<a " + "= " * 500_000,
    "ampersands": '<img src="' + "&" * 1_000_000 + '">',
    "nested JSON": '<script type="application/ld+json">' + "[" * 500_000 + "</script>",
    "different addresses": "".join(f"<img src=/{n}>" for n in range(40_000)),
    "long addresses": "".join(f"<img src=/{n}{'a' * 2500}>" for n in range(1500)),
    "a long base": f"<base href=/{'a' * 1900}/>" + "".join(f"<a href={n}>" for n in range(40_000)),
    "open drawings": "<svg>" + "<g>" * 100_000 + "</x>" * 100_000,
    "different elements": "<svg>" + "".join(f"<g{n}>" for n in range(50_000)) + "</g1>" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_within_seconds(name: str) -> None:
    """A quadratic step would take minutes on these; the bound leaves room for a busy machine."""
    html = HOSTILE[name].encode()
    started = time.thread_time()
    read_page(html, BASE)
    assert time.thread_time() - started < 5
