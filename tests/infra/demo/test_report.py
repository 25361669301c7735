"""The report is one page that shows the figures, whatever the texts in them hold."""

import base64
import re
from typing import Any

from infra.demo.report import render_report

JOB: dict[str, Any] = {
    "name": "Photographs of <b>http://127.0.0.1</b>",
    "total_images": 12,
    "downloaded_images": 7,
    "valid_images": 6,
    "duplicate_images": 2,
    "failed_images": 3,
}
REPORT: dict[str, Any] = {
    "duration_seconds": 1234.56,
    "images_per_second": None,
    "failure_reasons": {"http_404": 2, "<script>alert(1)</script>": 1},
    "failed_urls": [{"url": "http://127.0.0.1/?a=1&b=<i>", "reason": "http_404"}],
    "formats": {"jpeg": 7},
    "sizes": {},
    "licenses": {'"><img src=x>': 7},
    "source_hosts": {"127.0.0.1": 12},
}
EXPORT: dict[str, Any] = {"exported_images": 5}


def cells(page: str) -> dict[str, str]:
    return dict(re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page))


def test_it_shows_the_figures() -> None:
    shown = cells(render_report(JOB, REPORT, EXPORT, b""))
    wanted = {"addresses": "12", "images": "7", "valid": "6", "duplicates": "2", "failed": "3"}
    assert wanted.items() <= shown.items()
    assert (shown["exported"], shown["seconds"], shown["http_404"]) == ("5", "1,234.6", "2")


def test_it_names_the_addresses_that_failed() -> None:
    shown = cells(render_report(JOB, REPORT, EXPORT, b""))
    assert shown["http://127.0.0.1/?a=1&amp;b=&lt;i&gt;"] == "http_404"


def test_texts_stay_texts() -> None:
    page = render_report(JOB, REPORT, EXPORT, b"")
    assert "<script>" not in page
    assert page.count("<img") == 1
    assert "<h1>Photographs of &lt;b&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in cells(page)


def test_an_empty_table_is_left_out() -> None:
    page = render_report(JOB, REPORT, EXPORT, b"")
    assert "<h2>Longer side, in pixels</h2>" not in page
    assert "<h2>Formats</h2>" in page


def test_the_picture_is_inside() -> None:
    sheet = bytes(range(256))
    page = render_report(JOB, REPORT, EXPORT, sheet)
    (found,) = re.findall(r'src="data:image/jpeg;base64,([^"]*)"', page)
    assert base64.b64decode(found) == sheet
    assert not re.search(r"(src|href)=\"?https?:", page)
