"""PNGs as libpng and browsers take them, and which of them Pillow refuses."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging.containers.chunks import read_chunks
from shared.imaging.containers.png import drop_refused_chunks, open_png
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected, Limits
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.photographs import encode_image, load_photograph

LIMITS = Limits()
PICTURE = load_photograph().resize((32, 20))
PLAIN = encode_image(PICTURE, "PNG")
MIB = 1024 * 1024


def with_chunks(*ahead: bytes, behind: bytes = b"", plain: bytes = PLAIN) -> bytes:
    """Put chunks behind the header, and in front of the end."""
    return plain[:33] + b"".join(ahead) + plain[33:-12] + behind + plain[-12:]


def make_broken_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with a wrong checksum."""
    whole = chunk(kind, body)
    return whole[:-1] + bytes([whole[-1] ^ 1])


def frame(number: int, width: int = 32, height: int = 20, x: int = 0, y: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">5IHHBB", number, width, height, x, y, 1, 10, 0, 0))


def compress_zeros(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


CONTROL = chunk(b"acTL", struct.pack(">II", 2, 0))
TIFF = b"II*\0\x08\0\0\0" + bytes(6)
HEX = b"\nexif\n      14\n" + TIFF.hex().encode()
READ_BY_PILLOW = {
    "text": chunk(b"tEXt", b"Comment\0hello"),
    "text without a keyword": chunk(b"tEXt", b"hello"),
    "1 MiB of text": chunk(b"zTXt", b"a\0\0" + compress_zeros(MIB)),
    "broken text": chunk(b"zTXt", b"a\0\0hello"),
    "international text": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compress_zeros(9)),
    "international text with an unknown compression": chunk(b"iTXt", b"a\0\1\1\0\0hello"),
    "half an international text": chunk(b"iTXt", b"a\0\1\0hello"),
    "profile": chunk(b"iCCP", b"p\0\0" + compress_zeros(500)),
    "broken profile": chunk(b"iCCP", b"p\0\0hello"),
    "gamma": chunk(b"gAMA", struct.pack(">I", 45455)),
    "exif": chunk(b"eXIf", TIFF),
    "exif as text": chunk(b"tEXt", b"Raw profile type exif\0" + HEX),
    "exif as compressed text": chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(HEX)),
    "exif as international text": chunk(b"iTXt", b"Raw profile type exif\0\0\0\0\0" + HEX),
    "unknown": chunk(b"abCd", b"hello"),
    "first frame": CONTROL + frame(0),
    "animation of other frames": CONTROL,
    "frame without a control": frame(0),
    "empty control": chunk(b"acTL", bytes(8)),
}
REFUSED_BY_PILLOW = {
    "text checksum": make_broken_chunk(b"tEXt", b"Comment\0hello"),
    "size checksum": make_broken_chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
    "gamma checksum": make_broken_chunk(b"gAMA", struct.pack(">I", 45455)),
    "exif checksum": make_broken_chunk(b"eXIf", TIFF),
    "transparency checksum": make_broken_chunk(b"tRNS", bytes(6)),
    "unknown checksum": make_broken_chunk(b"abCd", b"hello"),
    "name of no letters": chunk(b"a\0cd", b"hello"),
    "text above 1 MiB": chunk(b"zTXt", b"a\0\0" + compress_zeros(MIB + 1)),
    "packet above 1 MiB": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compress_zeros(MIB + 1)),
    "profile above 1 MiB": chunk(b"iCCP", b"p\0\0" + compress_zeros(MIB + 1)),
    "text of an unknown compression": chunk(b"zTXt", b"a\0\1hello"),
    "profile of an unknown compression": chunk(b"iCCP", b"p\0\1hello"),
    "profile without a name": chunk(b"iCCP", b"hello"),
    "empty profile": chunk(b"iCCP", b""),
    "short gamma": chunk(b"gAMA", bytes(3)),
    "short chromaticities": chunk(b"cHRM", bytes(31)),
    "short size": chunk(b"pHYs", bytes(8)),
    "short intent": chunk(b"sRGB", b""),
    "short transparency": chunk(b"tRNS", bytes(5)),
    "short control": chunk(b"acTL", bytes(7)),
    "short frame": CONTROL + chunk(b"fcTL", bytes(25)),
    "frames out of order": CONTROL + frame(1),
    "frame outside": CONTROL + frame(0, x=1),
    "frame data ahead of the pixels": CONTROL + frame(0) + chunk(b"fdAT", struct.pack(">I", 7)),
    "no exif": chunk(b"eXIf", b"hello"),
    "no exif in text": chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 3\nhello"),
    "text named as Pillow names a property": chunk(b"tEXt", b"bbox\0hello"),
}


def read_as_pillow(data: bytes) -> bytes:
    """Read as `datasets` does, for one."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        image = Image.open(io.BytesIO(data))
        image.load()
        image.getexif()
        return image.convert("RGB").tobytes()


@pytest.mark.parametrize("name", READ_BY_PILLOW)
def test_what_pillow_reads_stays_as_it_is(name: str) -> None:
    for data in (with_chunks(READ_BY_PILLOW[name]), with_chunks(behind=READ_BY_PILLOW[name])):
        assert read_as_pillow(data) == PICTURE.tobytes()
        assert inspect(data).refused_parts == ()
        assert drop_refused_chunks(data, LIMITS) == data


@pytest.mark.parametrize("name", REFUSED_BY_PILLOW)
def test_what_only_pillow_refuses_is_accepted_and_can_go(name: str) -> None:
    data = with_chunks(READ_BY_PILLOW["gamma"], REFUSED_BY_PILLOW[name])
    with pytest.raises(Exception, match=r"."):
        read_as_pillow(data)
    seen = inspect(data)
    assert seen.refused_parts
    assert (seen.phash, seen.thumbnail) == (inspect(PLAIN).phash, inspect(PLAIN).thumbnail)
    readable = drop_refused_chunks(data, LIMITS)
    assert read_as_pillow(readable) == PICTURE.tobytes()
    assert inspect(readable).refused_parts == ()
    assert READ_BY_PILLOW["gamma"] in readable


def test_chunks_are_named_once_each() -> None:
    data = with_chunks(
        make_broken_chunk(b"tEXt", b"a"),
        make_broken_chunk(b"pHYs", b"b"),
        make_broken_chunk(b"tEXt", b"c"),
    )
    assert inspect(data).refused_parts == ("pHYs", "tEXt")


@given(st.lists(st.sampled_from([*READ_BY_PILLOW.values(), *REFUSED_BY_PILLOW.values()])))
@settings(max_examples=60)
def test_any_mixture_becomes_what_pillow_reads(ahead: list[bytes]) -> None:
    """Several may break each other: two first frames, a profile behind a broken one."""
    data = with_chunks(*ahead)
    assert read_as_pillow(drop_refused_chunks(data, LIMITS)) == PICTURE.tobytes()
    if not inspect(data).refused_parts:
        assert read_as_pillow(data) == PICTURE.tobytes()


@pytest.mark.parametrize(
    ("kind", "body"),
    [(b"IHDR", PLAIN[16:29]), (b"PLTE", bytes(3))],
)
def test_a_wrong_checksum_of_what_makes_the_pixels_is_refused(kind: bytes, body: bytes) -> None:
    with pytest.raises(ImageRejected, match="decode_error"):
        inspect(PLAIN[:8] + make_broken_chunk(kind, body) + PLAIN[8:])


@pytest.mark.parametrize("part", [0, 1])
def test_a_wrong_checksum_of_pixels_is_refused(part: int) -> None:
    """Pillow does not look at it; libpng does, and with it browsers and OpenCV."""
    body = PLAIN[33:-12]
    size = int.from_bytes(body[:4]) // 2
    halves = [body[8 : 8 + size], body[8 + size : -4]]
    made = [chunk(b"IDAT", half) for half in halves]
    made[part] = make_broken_chunk(b"IDAT", halves[part])
    with pytest.raises(ImageRejected, match="a wrong checksum of IDAT"):
        inspect(PLAIN[:33] + b"".join(made) + PLAIN[-12:])


@pytest.mark.parametrize("place", [33, -12])
def test_a_critical_chunk_that_nobody_knows_is_refused(place: int) -> None:
    with pytest.raises(ImageRejected, match="a critical chunk ABCD"):
        inspect(PLAIN[:place] + chunk(b"ABCD", b"x") + PLAIN[place:])
    assert inspect(PLAIN[:place] + chunk(b"aBCD", b"x") + PLAIN[place:]).width == 32


def test_data_of_pixels_ends_at_another_kind_of_chunk() -> None:
    """So it does for Pillow and libpng, and browsers show half of the picture."""
    body = PLAIN[33:-12]
    size = int.from_bytes(body[:4]) // 2
    first, second = chunk(b"IDAT", body[8 : 8 + size]), chunk(b"IDAT", body[8 + size : -4])
    assert inspect(PLAIN[:33] + first + second + PLAIN[-12:]).width == 32
    for between in (READ_BY_PILLOW["text"], REFUSED_BY_PILLOW["text above 1 MiB"]):
        with pytest.raises(ImageRejected, match=r"decode_error|truncated"):
            inspect(PLAIN[:33] + first + between + second + PLAIN[-12:])


def test_a_palette_that_is_missing_is_refused() -> None:
    data = encode_image(PICTURE.quantize(8), "PNG")
    start = data.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4])
    with pytest.raises(ImageRejected, match="decode_error"):
        inspect(data[:start] + data[end:])


def test_texts_may_fill_a_limit_together() -> None:
    text = chunk(b"zTXt", b"a\0\0" + compress_zeros(MIB))
    data = with_chunks(*[text] * 65)
    with pytest.raises(ValueError, match="Too much memory"):
        read_as_pillow(data)
    assert drop_refused_chunks(data, LIMITS).count(b"zTXta") == 64


def test_a_large_profile_is_read_all_the_same() -> None:
    profile = bytes(range(256)) * 8192
    data = with_chunks(chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)))
    assert open_png(data, LIMITS).icc_profile == profile
    data = with_chunks(chunk(b"iCCP", b"p\0\0" + compress_zeros(9 * MIB)))
    assert open_png(data, LIMITS).icc_profile is None
    data = with_chunks(make_broken_chunk(b"iCCP", b"p\0\0" + compress_zeros(9)))
    assert open_png(data, LIMITS).icc_profile is None


def test_text_that_names_a_property_of_pillow_s_does_not_touch_the_pixels() -> None:
    """`interlace` would read the rows in the order of Adam7."""
    data = with_chunks(chunk(b"tEXt", b"interlace\0no"))
    with suppress(OSError):
        assert read_as_pillow(data) != PICTURE.tobytes()
    assert inspect(data).phash == inspect(PLAIN).phash
    assert read_as_pillow(drop_refused_chunks(data, LIMITS)) == PICTURE.tobytes()


WORK: dict[str, Callable[[bytes], object]] = {
    "open": lambda data: open_png(data, Limits(max_parts=10**9)),
    "drop": lambda data: drop_refused_chunks(data, Limits(max_parts=10**9)),
}
CHUNKS = tuple((READ_BY_PILLOW | REFUSED_BY_PILLOW).values())


@pytest.mark.parametrize("name", WORK)
@given(make=repetitions((*CHUNKS, PLAIN[:33], PLAIN[33:-12], bytes(4), b"IDAT")))
@settings(max_examples=40)
def test_taking_apart_takes_time_in_proportion(name: str, make: Maker) -> None:
    assert_linear(WORK[name], lambda size: PLAIN[:33] + make(size), 50_000)


def test_chunks_are_counted_to_a_limit() -> None:
    data = with_chunks(*[chunk(b"abCd", b"")] * 10)
    assert len(read_chunks(data, Limits(max_parts=13))) == 13
    with pytest.raises(ImageRejected, match="decode_error: png: more than 12 chunks"):
        read_chunks(data, Limits(max_parts=12))
