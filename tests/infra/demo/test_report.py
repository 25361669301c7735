"""The report is one page that shows the figures, whatever the texts in it hold."""

import base64
import re
from dataclasses import replace
from typing import Any

from infra.demo.report import DemoRun, render_report

JOB: dict[str, Any] = {
    "name": "Photographs of <b>http://127.0.0.1</b>",
    "total_images": 12,
    "downloaded_images": 7,
    "valid_images": 6,
    "duplicate_images": 2,
    "failed_images": 3,
}
REPORT: dict[str, Any] = {
    "images_per_second": None,
    "total_bytes": 1_234_567,
    "failure_reasons": {"http_404": 2, "<script>alert(1)</script>": 1},
    "failed_urls": [
        {"url": "http://127.0.0.1/?a=1&b=<i>", "reason": "http_404", "detail": "answered 404"},
        {"url": "javascript:alert(1)", "reason": "unsupported_scheme", "detail": None},
    ],
    "formats": {"jpeg": 7},
    "licenses": {},
    "source_hosts": {'"><img src=x>': 7},
}
EXPORT: dict[str, Any] = {"exported_images": 5}
THUMBNAIL = bytes(range(256))
IMAGE: dict[str, Any] = {
    "image_id": "one",
    "width": 640,
    "height": 90,
    "sharpness": 1234.5,
    "caption": "A 'cat' <b>",
    "label": None,
    "original_url": "https://example.org/'cat'.jpg",
}
FOUND = DemoRun(
    JOB,
    REPORT,
    EXPORT,
    images=[IMAGE, {**IMAGE, "image_id": "two", "height": 480, "sharpness": None}],
    rules={"min_height": 100, "min_sharpness": 50},
    violations={"one": [{"rule": "min_height", "limit": 100, "actual": 90}]},
    thumbnails={"one": THUMBNAIL},
)
PAGE = render_report(FOUND)


def test_it_shows_the_figures() -> None:
    figures = re.findall(r"<li><b>(.*?)</b> (.*?)</li>", PAGE)
    assert [value for value, _ in figures] == ["12", "7", "2", "3", "6", "5", "1.2", "unknown"]


def test_bars_are_as_long_as_their_numbers() -> None:
    bars = re.findall(r"<dt>(.*?)</dt><dd><i style='width:(.*?)'></i><b>(.*?)</b>", PAGE)
    assert bars[:2] == [
        ("http_404", "100.0%", "2"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "50.0%", "1"),
    ]
    assert ("min_height", "100.0%", "1") in bars
    many = {**REPORT, "source_hosts": {f"{n:02}.example": n for n in range(1, 21)}}
    assert "<dt>9 others</dt>" in render_report(replace(FOUND, report=many))


def test_histograms_have_the_limit_drawn_in() -> None:
    height = PAGE.split("<h2>Height</h2>")[1].split("</section>")[0]
    assert "at least 100" in height
    assert len(re.findall(r"<rect [^>]*class=out", height)) == 1
    assert "2 values of pixels, from 90 to 480" in height
    assert "1 values of variance of the Laplacian" in PAGE
    assert "at least" not in PAGE.split("<h2>Width</h2>")[1].split("</section>")[0]


def test_an_image_leads_to_its_origin_and_says_why_it_is_invalid() -> None:
    (figure,) = re.findall(r"<figure.*?</figure>", PAGE)
    assert "class=invalid" in figure
    assert "href='https://example.org/&#x27;cat&#x27;.jpg'" in figure
    assert "min_height 100: it has 90" in figure
    (data,) = re.findall(r"src='data:image/webp;base64,(.*?)'", figure)
    assert base64.b64decode(data) == THUMBNAIL
    assert "1 of 2" in PAGE


def test_texts_stay_texts() -> None:
    assert "<script" not in PAGE
    assert PAGE.count("<img") == 1
    assert "<h1>Photographs of &lt;b&gt;" in PAGE
    assert "alt='A &#x27;cat&#x27; &lt;b&gt;'" in PAGE
    assert "href='javascript" not in PAGE
    assert "href='http://127.0.0.1/?a=1&amp;b=&lt;i&gt;'" in PAGE


def test_what_is_empty_is_left_out() -> None:
    assert "<h2>Licences</h2>" not in PAGE
    nothing = render_report(DemoRun(JOB, {**REPORT, "failure_reasons": {}}, EXPORT))
    for title in ("Why addresses failed", "Why images are invalid", "Width", "Sharpness"):
        assert f"<h2>{title}</h2>" not in nothing


def test_it_loads_nothing() -> None:
    assert not re.search(r"(src|@import|url\()\W*https?:", PAGE)
