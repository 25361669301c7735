"""JPEGs reach the decoder without what is not for it, and scans are counted."""

import io
import time
from contextlib import nullcontext, suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging.containers.jpeg import drop_refused_segments, open_jpeg
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected, Limits
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.imaging import hostile
from tests.shared.imaging.lossless import encode_lossless, segment
from tests.shared.imaging.photographs import encode_image, load_photograph

LIMITS = Limits()
PICTURE = load_photograph().resize((64, 40))
PLAIN = encode_image(PICTURE, "JPEG")
EXIF = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
PROFILE = segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(200))


def with_segments(*segments: bytes, data: bytes = PLAIN) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


def test_only_what_the_pixels_need_reaches_the_decoder() -> None:
    data = with_segments(
        segment(0xE1, EXIF),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>"),
        PROFILE,
        segment(0xE2, b"MPF\0" + bytes(20)),
        segment(0xED, b"Photoshop 3.0\0"),
        segment(0xFE, b"comment"),
    )
    opened = open_jpeg(data, LIMITS)
    assert opened.pixels == with_segments(PROFILE)
    assert opened.exif == EXIF[6:]
    assert not opened.is_multi_scan


@pytest.mark.parametrize("junk", [b"\xff" * 9, b"junk", b"\xff\0", b"\xff\0\xff"])
def test_fill_and_junk_between_segments_are_passed_over(junk: bytes) -> None:
    data = with_segments(PROFILE, junk, segment(0xE1, EXIF), junk)
    assert open_jpeg(data, LIMITS).exif == EXIF[6:]
    assert inspect(data).width == 40


def test_exif_of_several_segments_is_joined() -> None:
    data = with_segments(segment(0xE1, EXIF[:20]), segment(0xE1, b"Exif\0\0" + EXIF[20:]))
    assert inspect(data).exif == {"orientation": 6}


def test_broken_exif_can_go() -> None:
    """Pillow needs no density of EXIF's when the JPEG gives its own, and looks too late."""
    exif = segment(0xE1, b"Exif\0\0hello")
    for dpi, refused in ((0, ()), (72, ("APP1",))):
        plain = encode_image(PICTURE, "JPEG", dpi=(dpi, dpi))
        data = with_segments(exif, PROFILE, data=plain)
        with pytest.raises(SyntaxError) if refused else nullcontext():
            Image.open(io.BytesIO(data)).getexif()
        seen = inspect(data)
        assert (seen.width, seen.refused_parts) == (64, refused)
        kept = (PROFILE,) if refused else (exif, PROFILE)
        assert drop_refused_segments(data, LIMITS) == with_segments(*kept, data=plain)
    assert inspect(with_segments(segment(0xE1, EXIF))).refused_parts == ()


@pytest.mark.parametrize("channels", [1, 3])
def test_lossless_jpegs_decode(channels: int) -> None:
    """They cannot be shrunk while they are decoded, whatever the decoder is asked for."""
    pixels = np.asarray(load_photograph().resize((1200, 9)))[:, :, :channels]
    seen = inspect(encode_lossless(pixels))
    picture = Image.fromarray(pixels if channels > 1 else pixels[:, :, 0])
    expected = inspect(encode_image(picture, "PNG"))
    assert (seen.width, seen.height, seen.channels) == (1200, 9, channels)
    assert (seen.phash, seen.thumbnail) == (expected.phash, expected.thumbnail)


def test_a_cut_lossless_jpeg_is_truncated() -> None:
    data = encode_lossless(np.asarray(PICTURE))
    with pytest.raises(ImageRejected, match="truncated"):
        inspect(data[: len(data) // 2])


def test_an_encoder_s_scans_are_few_and_a_bomb_s_many() -> None:
    assert open_jpeg(encode_image(PICTURE, "JPEG", progressive=True), LIMITS).is_multi_scan
    with pytest.raises(ImageRejected, match="decode_error: jpeg: more than 32 scans"):
        open_jpeg(hostile.jpeg_with_scans(40), LIMITS)


def test_a_sequential_jpeg_may_be_a_bomb_of_scans_too() -> None:
    assert open_jpeg(hostile.sequential_jpeg_with_scans(3), LIMITS).is_multi_scan
    assert inspect(hostile.sequential_jpeg_with_scans(3)).channels == 3
    with pytest.raises(ImageRejected, match="decode_error: jpeg: more than 32 scans"):
        inspect(hostile.sequential_jpeg_with_scans(33))


def test_scans_of_a_preview_and_of_what_follows_the_picture_do_not_count() -> None:
    data = encode_image(load_photograph(), "JPEG", progressive=True)
    preview = segment(0xE1, b"Exif\0\0" + b"\xff\xda\0\0" * 100)
    open_jpeg(with_segments(preview, data=data) + b"\xff\xda\0\0" * 100, LIMITS)


@pytest.mark.parametrize(
    "part", [b"\xff\xfe\0\2", b"\xff\xd0", segment(0xE1, b"Exif\0\0a"), b"\xff\1"]
)
def test_too_many_segments_ahead_of_a_scan_are_refused(part: bytes) -> None:
    refuse(with_segments(part * 120_000))


@pytest.mark.parametrize("part", [b"\xff\xfe\0\2", b"\xff\1\0\0"])
def test_too_many_segments_within_a_scan_are_refused(part: bytes) -> None:
    data = encode_image(PICTURE, "JPEG", progressive=True)
    scan = data.index(b"\xff\xda") + 14
    refuse(data[:scan] + part * 120_000 + data[scan:])


def refuse(bomb: bytes) -> None:
    started = time.thread_time()
    with pytest.raises(ImageRejected, match="decode_error: jpeg: more than 100000 segments"):
        inspect(bomb)
    assert time.thread_time() - started < 5


SEGMENTS = (
    segment(0xE1, EXIF), segment(0xE1, b"Exif\0\0a"), segment(0xFE, b""), PROFILE, b"\xff",
    b"\xff\0", b"\xff\xd0", b"\xff\xda\0\2", b"\xff\xda", b"\0", b"\xff\xe1\xff\xff", PLAIN[2:],
)  # fmt: skip


@pytest.mark.parametrize("progressive", [False, True])
@given(make=repetitions(SEGMENTS))
@settings(max_examples=40)
def test_taking_apart_takes_time_in_proportion(progressive: bool, make: Maker) -> None:
    plain = encode_image(PICTURE, "JPEG", progressive=progressive)
    scan = plain.index(b"\xff\xda") + 14

    def attempt(data: bytes) -> None:
        with suppress(ImageRejected):
            open_jpeg(data, Limits(max_parts=10**9, max_scans=10**9))

    assert_linear(attempt, lambda size: plain[:2] + make(size) + plain[2:], 50_000)
    assert_linear(attempt, lambda size: plain[:scan] + make(size) + plain[scan:], 50_000)


@given(st.lists(st.sampled_from(SEGMENTS), max_size=8))
@settings(max_examples=100)
def test_the_decoder_finds_what_it_found_in_the_whole_file(segments: list[bytes]) -> None:
    data = with_segments(*segments)
    try:
        expected = Image.open(io.BytesIO(data), formats=("JPEG",)).convert("RGB").tobytes()
    except Exception:
        return
    opened = Image.open(io.BytesIO(open_jpeg(data, LIMITS).pixels), formats=("JPEG",))
    assert opened.convert("RGB").tobytes() == expected
