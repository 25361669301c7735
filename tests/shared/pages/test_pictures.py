"""The choice among a picture's files."""

from __future__ import annotations

import pytest

from shared.pages.building import WebPage
from shared.pages.pictures import read_pixels
from shared.pages.reading import read_page
from tests.growth import assert_linear


def read(html: str) -> WebPage:
    return read_page(html.encode(), "http://a.example/", "text/html; charset=utf-8")


def choose(html: str) -> str:
    (image,) = read(f"<picture>{html}</picture>").images
    return image.url.removeprefix("http://a.example/")


@pytest.mark.parametrize(
    ("html", "file"),
    [
        ("<source srcset='a 400w, b 800w'><source data-srcset='c 1600w'><img src=d>", "c"),
        ("<source srcset='a 1600w'><source srcset='b 1600w'><img src=c>", "a"),
        ("<source srcset=a.webp type=image/webp><img src=b.jpg width=800 height=600>", "a.webp"),
        ("<source srcset='a 400w'><img srcset='b 800w' src=c>", "b"),
        ("<source srcset='a, b 2x'><img src=c>", "b"),
        ("<source><source srcset=''><source srcset='a bad'><img src=b>", "b"),
        ("<source srcset='data:image/gif;base64,AAAA'><img src=b>", "b"),
        ("<img src=b>", "b"),
        # A type that we cannot read is passed over.
        ("<source srcset='a 9w' type=image/jxl><source srcset='b 1w'><img src=c>", "b"),
        ("<source srcset=a type='image/svg+xml'><img src=b>", "b"),
        (
            "<source srcset=a type=image><source srcset=b type=' IMAGE/AVIF; x=y '><img src=c>",
            "b",
        ),
        ("<source srcset=a type='image/heic'><img src=b>", "b"),
        # Of crops for different screens the largest is taken, wherever it stands.
        (
            "<source media='(max-width: 9px)' srcset='t 8w'><source srcset='wide 9w'><img src=c>",
            "wide",
        ),
        (
            "<source media='(min-width: 9px)' srcset='wide 9w'><source srcset='t 8w'><img src=c>",
            "wide",
        ),
        (
            "<source srcset=a width=60 height=80><source srcset=b width=90 height=30><img src=c>",
            "a",
        ),
        ("<source srcset='a, a2 2x' width=600><source srcset=b width=900><img src=c>", "a2"),
        # Where no size is told: what a browser shows on a large screen.
        (
            "<source media='(min-width: 900px)' srcset=a><source media=screen srcset=b><img src=c>",
            "a",
        ),
        ("<source media='(max-width: 400px)' srcset=a><img src=c>", "c"),
        ("<source media='(max-width: 400px)' srcset=a><source srcset=b><img src=c>", "b"),
        (
            "<source media='(width<=4px)' srcset=a><source media='width>4px' srcset=b><img src=c>",
            "b",
        ),
        ("<source media='(400px >= width)' srcset=a><img src=c>", "c"),
        ("<source media='(100px <= width <= 400px)' srcset=a><img src=c>", "c"),
        ("<source media='(prefers-color-scheme: dark)' srcset=a><img src=c>", "c"),
        ("<source media='(prefers-color-scheme: light)' srcset=a><img src=c>", "a"),
        ("<source media='(prefers-reduced-motion: no-preference)' srcset=a><img src=c>", "a"),
        ("<source media='(prefers-reduced-motion: reduce)' srcset=a><img src=c>", "c"),
        ("<source media='(orientation: portrait)' srcset=a><img src=c>", "c"),
        ("<source media=print srcset=a><img src=c>", "c"),
        ("<source media='print, (min-width: 9px)' srcset=a><img src=c>", "a"),
        ("<source media='not print' srcset=a><img src=c>", "a"),
        ("<source media='not all and (min-width: 9px)' srcset=a><img src=c>", "c"),
        ("<source media='only screen and (min-resolution: 2dppx)' srcset=a><img src=c>", "a"),
    ],
)
def test_choice(html: str, file: str) -> None:
    assert choose(html) == file


def test_a_picture_is_one_image() -> None:
    page = read("<picture><source srcset=a><img src=b></picture><img src=c><source srcset=d>")
    assert [image.url[-1] for image in page.images] == ["a", "c"]
    page = read("<picture><source srcset=a><img src=b><p>never closed</p><img src=c>")
    assert [image.url[-1] for image in page.images] == ["a", "c"]


@pytest.mark.parametrize(
    ("value", "pixels"),
    [
        *(("640", 640), (" 640px ", 640), ("0", None), ("1", None), ("100%", None), ("auto", None)),
        *(("-5", None), ("", None), (None, None), ("9" * 5000, None), ("\u0661\u0662", None)),
    ],
)
def test_read_pixels(value: str | None, pixels: int | None) -> None:
    assert read_pixels(value) == pixels


def test_a_picture_with_many_sources_and_images_takes_linear_time() -> None:
    """Each image looking at each source took 51 seconds for 62 kB."""

    def make(size: int) -> bytes:
        count = size // 60
        sources = b'<source srcset="a 1w, b 2w" media="(max-width: 9px)">' * count
        return b"<picture>" + sources + b"<img src=x>" * count

    assert_linear(lambda page: read_page(page, "http://a.example/"), make, 50_000)
