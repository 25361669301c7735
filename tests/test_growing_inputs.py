"""Parsers of foreign bytes do work in proportion to them, counted in lines and not in seconds.

What a regular expression or a library in C does within one line is not seen here: the first is
held by `tests/test_expressions.py`, both by the measurements of `tests/growth.py`, which also hold
whole models (`tests/shared/inference/test_growth.py`) and tables (`tests/shared/manifests`).
"""

import math
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any
from uuid import UUID

import pytest

from shared.errors import AppError
from shared.imaging.exif import parse_exif
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected
from shared.inference.errors import ModelRejected
from shared.inference.litert_file import check_litert_file
from shared.inference.onnx_file import check_onnx_file
from shared.pages.encodings import decode_page
from shared.pages.linked_data import read_image_objects
from shared.pages.markup import read_tags
from shared.pages.sitemaps import read_sitemap
from shared.pages.srcset import parse_srcset
from shared.paging import decode_cursor
from shared.rights.cbor import parse_cbor
from shared.rights.robots_rules import parse_robots
from shared.runtime.requests import count_values

_MOST = 1.15  # the exponent: 1 is in proportion
_START = 1000  # bytes, which are doubled three times
_REFUSALS = (AppError, ImageRejected, ModelRejected, ValueError)
PNG = b"\x89PNG\r\n\x1a\n"


def read_text_with(parse: Callable[[str], Any]) -> Callable[[bytes], object]:
    """Return a reader of bytes by a parser of text, all of whose results are taken."""
    return lambda data: list(parse(data.decode("latin-1")))


PARSERS: list[tuple[str, Callable[[bytes], object], list[tuple[bytes, bytes, bytes]]]] = [
    (
        "cursor",
        lambda data: decode_cursor("x", data.decode(), [UUID]),
        [(b"", b"A", b""), (b"W1", b"tb", b"=")],
    ),
    ("body", count_values, [(b"[", b'"\\",', b""), (b"", b"[{", b"\\")]),
    (
        "robots",
        parse_robots,
        [
            (b"User-agent: *\n", b"Disallow: /*a*b$\n", b""),
            (b"", b"User-agent: a\n", b""),
            (b"", b"\r#:", b""),
        ],
    ),
    (
        "srcset",
        read_text_with(parse_srcset),
        [(b"", b"a 1x,", b""), (b"a ", b"(,", b""), (b"", b", ", b"x")],
    ),
    (
        "linked data",
        read_text_with(read_image_objects),
        [
            (b'{"a":"', b'\\"', b"\\"),
            (b"", b'{"@type":"ImageObject","@id":"a","image":"b"},', b""),
            (b"", b"[", b""),
        ],
    ),
    (
        "page",
        lambda data: list(read_tags(data.decode("latin-1"), frozenset({"img", "svg"}))),
        [
            (b"", b"<img a=", b""),
            (b"", b"<svg><!--", b""),
            (b"<script>", b"<!--<script>", b""),
            (b"", b"</a ", b""),
        ],
    ),
    (
        "encoding",
        lambda data: decode_page(data, None),
        [(b"", b"<meta charset=x>", b""), (b"<?xml ", b" encoding", b"")],
    ),
    (
        "sitemap",
        lambda data: list(read_sitemap(data, "https://example.org/s.xml")),
        [(b"<urlset>", b"<url><loc>a</loc>", b"")],
    ),
    (
        "exif",
        parse_exif,
        [(b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"\x0e\x01\x02\0\xff\0\0\0\x08\0\0\0", b"")],
    ),
    (
        "jpeg",
        inspect,
        [(b"\xff\xd8", b"\xff\xe1\0\x02", b""), (b"\xff\xd8", b"\xff\xda\0\x02\xff", b"")],
    ),
    (
        "png",
        inspect,
        [(PNG, b"\0\0\0\0tEXt\0\0\0\0", b""), (PNG, b"\0\0\0\0IDAT\x35\xaf\x06\x1e", b"")],
    ),
    (
        "gif",
        inspect,
        [
            (b"GIF89a\1\0\1\0\0\0\0", b"!\xfe\1a\0", b""),
            (b"GIF89a\1\0\1\0\0\0\0", b",\0\0\0\0\1\0\1\0\0\x02\0", b""),
        ],
    ),
    ("webp", inspect, [(b"RIFF\xff\xff\0\0WEBP", b"XMP \0\0\0\0", b"")]),
    ("tiff", inspect, [(b"II*\0\x08\0\0\0\xff\xff", b"\0\x01\x03\0\x01\0\0\0\x01\0\0\0", b"")]),
    ("avif", inspect, [(b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", b"\0\0\0\x08free", b"")]),
    ("cbor", parse_cbor, [(b"", b"\x81", b"\x00"), (b"\x9f", b"\xa1\x00\x01", b"\xff")]),
    (
        "onnx",
        check_onnx_file,
        [(b"", b"\x3a\x02\x0a\x00", b""), (b"", b"\x42\x00", b""), (b"", b"\x3a\x7f", b"")],
    ),
    (
        "litert",
        check_litert_file,
        [(b"\x1c\0\0\0TFL3", b"\4\0\0\0", b""), (b"\x10\0\0\0TFL3", b"\xff\xff\xff\xff", b"")],
    ),
]


def count_lines(work: Callable[[bytes], object], data: bytes) -> int:
    """Return how many lines of Python a call runs; a refusal is an answer like any other."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(*_REFUSALS):
            work(data)
    finally:
        sys.settrace(before)
    return lines


def measure_growth(work: Callable[[bytes], object], make: Callable[[int], bytes]) -> float:
    """Return the exponent by which lines grow over the last doubling, beyond what is always run."""
    count_lines(work, make(_START))  # what loads on first use
    fixed = count_lines(work, make(0))
    first, second = (
        max(1, count_lines(work, make(size)) - fixed) for size in (4 * _START, 8 * _START)
    )
    return math.log2(second / first)


@pytest.mark.parametrize(
    ("parse", "unit"),
    [
        pytest.param(parse, unit, id=f"{name}-{number}")
        for name, parse, units in PARSERS
        for number, unit in enumerate(units)
    ],
)
def test_lines_grow_no_faster_than_bytes(
    parse: Callable[[bytes], object], unit: tuple[bytes, bytes, bytes]
) -> None:
    start, repeated, end = unit
    growth = measure_growth(parse, lambda size: start + repeated * (size // len(repeated)) + end)
    assert growth <= _MOST, f"lines grow with the power {growth:.2f} of the bytes"


def test_what_looks_back_is_found() -> None:
    def quadratic(data: bytes) -> None:
        for end in range(0, len(data), 100):
            for _ in range(end // 100):
                pass

    assert measure_growth(quadratic, bytes) > 1.8
