"""The few facts of an EXIF block, however the block is made."""

import json
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import IFD, Base

from shared.imaging.exif import (
    is_readable,
    is_refused,
    keep_orientation,
    parse_exif,
    rebuild_exif,
    summarize,
)
from shared.imaging.inspection import inspect
from tests.shared.imaging.photographs import encode_image

PICTURE = Image.new("RGB", (8, 8))


def block(**values: object) -> Image.Exif:
    exif = Image.Exif()
    for name, value in values.items():
        tag = Base[name]
        if name.startswith(("DateTimeOriginal", "Offset")):
            exif.get_ifd(IFD.Exif)[tag] = value
        else:
            exif[tag] = value
    return exif


def test_a_camera_s_facts() -> None:
    exif = block(
        Make="Canon\0",
        Model="EOS 5D",
        Artist="Ærlig",
        Copyright="CC-BY 4.0",
        Orientation=6,
        DateTimeOriginal="2024:02:29 23:59:01",
        OffsetTimeOriginal="+02:00",
    )
    exif.get_ifd(IFD.GPSInfo)[2] = (52.0, 31.0, 12.0)
    facts = inspect(encode_image(PICTURE, "JPEG", exif=exif)).exif
    assert facts == {
        "make": "Canon",
        "model": "EOS 5D",
        "artist": facts["artist"],
        "copyright": "CC-BY 4.0",
        "taken_at": "2024-02-29T23:59:01+02:00",
        "orientation": 6,
    }


@pytest.mark.parametrize(
    ("values", "taken_at"),
    [
        ({"DateTimeOriginal": "2024:01:02 03:04:05"}, "2024-01-02T03:04:05"),
        ({"DateTime": "2024:01:02 03:04:05"}, "2024-01-02T03:04:05"),
        ({"DateTimeOriginal": "2024:01:02 03:04:05", "OffsetTimeOriginal": "?"},
         "2024-01-02T03:04:05"),
        ({"DateTimeOriginal": "0000:00:00 00:00:00"}, None),
        ({"DateTimeOriginal": "yesterday"}, None),
    ],
)  # fmt: skip
def test_the_moment(values: dict[str, object], taken_at: str | None) -> None:
    assert summarize(block(**values)).get("taken_at") == taken_at


def test_text_is_fit_for_a_database() -> None:
    facts = summarize(block(Make="a\0b\x07c\ud800d", Model="x" * 5000))
    assert facts["make"] == "a b c d"
    assert len(str(facts["model"])) == 300
    json.dumps(facts).encode()


def test_no_block_gives_no_facts() -> None:
    assert inspect(encode_image(PICTURE, "JPEG")).exif == {}
    assert rebuild_exif(Image.Exif()) == b""


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_a_broken_block_never_loses_the_picture(noise: bytes) -> None:
    for start in (b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0", b""):
        seen = inspect(encode_image(PICTURE, "JPEG", exif=start + noise))
        assert {seen.width, seen.height} == {8}
        assert set(seen.exif) <= {"make", "model", "artist", "copyright", "taken_at", "orientation"}
        json.dumps(seen.exif)


def test_a_block_of_many_entries_costs_no_more_than_to_read_it() -> None:
    """Pillow takes ten times as long to write it again."""
    entries = b"".join(
        struct.pack("<HHIHH", tag, 3, 1, 6, 0) for tag in (0x0112, *range(900, 60000))
    )
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 59_101) + entries + bytes(4)

    def measure(work: Callable[[bytes], bool]) -> float:
        started = time.thread_time()
        work(block)
        return time.thread_time() - started

    assert keep_orientation(block)
    assert min(measure(is_refused) for _ in range(3)) < 4 * measure(is_readable)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_texts_beyond_ascii_are_what_programs_mean(encoding: str) -> None:
    owner = "© Ærlig Öster".encode(encoding) + b"\0"
    entry = struct.pack("<HHII", Base.Copyright, 2, len(owner), 26)
    made = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + owner
    exif = parse_exif(made)
    assert summarize(exif) == {"copyright": "© Ærlig Öster"}
    assert summarize(parse_exif(rebuild_exif(exif))) == {"copyright": "© Ærlig Öster"}
