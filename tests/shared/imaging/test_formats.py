"""The format is judged by content, and what is refused is named."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from PIL import Image

from shared.imaging.formats import EXTENSIONS, MIME_TYPES, detect_format, is_truncated
from shared.imaging.limits import FORMATS, ImageFormat, ImageRejected, Limits
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.imaging.photographs import encode_image, load_photograph

SMALL = Image.new("RGB", (40, 30), "teal")


@pytest.mark.parametrize("name", FORMATS)
def test_every_accepted_format_is_recognised(name: ImageFormat) -> None:
    assert detect_format(encode_image(SMALL, name), Limits()) == name
    assert MIME_TYPES[name] == Image.MIME[name.upper()]
    assert EXTENSIONS[name] == ("jpg" if name == "jpeg" else name)


@pytest.mark.parametrize("brands", [b"avisavif", b"mif1\0\0\0\0avifmiaf"])
def test_an_avif_may_name_its_brand_second(brands: bytes) -> None:
    box = (8 + len(brands)).to_bytes(4) + b"ftyp" + brands
    assert detect_format(box, Limits()) == "avif"


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"<!DOCTYPE html><title>404", "not_an_image", "an HTML page"),
        (b"\xef\xbb\xbf\n <!-- x --><HTML>", "not_an_image", "an HTML page"),
        (b'<?xml version="1.0"?>\n<svg xmlns="', "unsupported_format", "SVG"),
        (b"<svg>", "unsupported_format", "SVG"),
        (b"<?xml version='1.0'?><rss>", "not_an_image", "an XML document"),
        (b"%PDF-1.7\n", "not_an_image", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "unsupported_format", "a PostScript document"),
        (b"PK\x03\x04rest", "not_an_image", "a ZIP archive"),
        (b"\x1f\x8b\x08", "not_an_image", "gzip"),
        (
            b"<?xml version='1.0'?><!-- <html> --> <?go?>\n<!DOCTYPE svg>",
            "unsupported_format",
            "SVG",
        ),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC ''>", "not_an_image", "an HTML page"),
        (b"<!-- a page that begins with its licence" * 200, "not_an_image", "an HTML page"),
        (b"<p>Not found</p>", "not_an_image", "an HTML page"),
        (b"<picture", "not_an_image", "plain text"),
        (b'{"error": 404}', "not_an_image", "JSON"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unsupported_format", "a HEIC image"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "not_an_image", "video"),
        (b"\xff\x0a\x10", "unsupported_format", "a JPEG XL image"),
        (b"8BPS\0\x01", "unsupported_format", "a Photoshop document"),
        (b"\0\0\1\0\1\0\x10\x10", "unsupported_format", "an icon"),
        (b"SIMPLE  =                    T", "unsupported_format", "a FITS image"),
        (b"BMW builds cars, and this is only text", "not_an_image", "plain text"),
        ("Straße".encode(), "not_an_image", "plain text"),
        (b"\0\1\2\3\4", "not_an_image", "unknown binary data"),
    ],
)
def test_what_is_refused_is_named(data: bytes, reason: str, detail: str) -> None:
    with pytest.raises(ImageRejected) as refused:
        detect_format(data, Limits())
    assert refused.value.reason == reason
    assert detail in refused.value.detail
    assert "accepted are jpeg, png" in refused.value.detail


def test_a_format_that_the_limits_leave_out_is_unsupported() -> None:
    with pytest.raises(ImageRejected, match="unsupported_format: gif; accepted are jpeg, png"):
        detect_format(encode_image(SMALL, "gif"), Limits(formats=("jpeg", "png")))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "tiff"])
def test_a_cut_file_is_told_from_a_whole_one(name: ImageFormat) -> None:
    data = encode_image(load_photograph().resize((120, 80)), name)
    assert not is_truncated(data, name)
    assert is_truncated(data[: len(data) * 2 // 3], name)


MARKUP = (
    b"<!--", b"-->", b"<!---->", b"<!-- x -->", b"<?xml", b"?>", b">", b"<svg", b"<html>",
    b"<!doctype svg", b"\xef\xbb\xbf", b"\n", b"    ", b"[", b"{", b"\0\0\0\x18ftyp",
)  # fmt: skip


@given(repetitions(MARKUP))
@settings(max_examples=80)
def test_naming_what_is_refused_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(refuse, make, 500)
    assert_linear(refuse, make, 50_000)


def refuse(data: bytes) -> None:
    with suppress(ImageRejected):
        detect_format(data, Limits())


@pytest.mark.parametrize("comment", [b"<!---->", b"<!-- licence -->\n", b"<?xml ?><!-- -->"])
def test_many_comments_are_read_at_once(comment: bytes) -> None:
    """Forty comments: every way of joining them to fewer would be 2 ** 40."""
    with pytest.raises(ImageRejected, match="SVG"):
        detect_format(comment * 40 + b"<svg>", Limits())
    with pytest.raises(ImageRejected, match="not_an_image"):
        detect_format(comment * 40 + b"x", Limits())
