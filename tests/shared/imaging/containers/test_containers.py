"""Every parser of foreign bytes takes time in proportion to them, and fails in one way."""

import io
import struct
import zlib
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.ExifTags import IFD
from PIL.PngImagePlugin import PngInfo

from shared.imaging.containers import drop_refused_parts, open_container
from shared.imaging.inspection import inspect
from shared.imaging.limits import FORMATS, ImageFormat, ImageRejected, Limits
from tests.growth import Maker, assert_linear, repetitions
from tests.shared.imaging.containers.building import mend_checksums
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.lossless import segment
from tests.shared.imaging.photographs import encode_image, load_photograph

PICTURE = load_photograph().resize((24, 16))
EXIF = Image.Exif()
EXIF[0x0112], EXIF[0x010F] = 6, "Canon"
BLOCK = EXIF.tobytes()
XMP = b'<rdf:Description tiff:Orientation="8"/>'


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def encode(name: ImageFormat) -> bytes:
    if name in ("bmp", "gif"):
        return encode_image(PICTURE, name)
    return encode_image(PICTURE, name, exif=EXIF)


FILES = {name: encode(name) for name in FORMATS}
LOOSE = Limits(max_parts=10**9, max_frames=10**9, max_scans=10**9)
# Where bytes are put into a file: in front of, between and behind what it is made of.
PLACES = {
    "avif": (0, FILES["avif"].index(b"iinf") - 4, FILES["avif"].index(b"mdat") - 4),
    "bmp": (14, 54),
    "gif": (13, FILES["gif"].index(b","), -1),
    "jpeg": (2, FILES["jpeg"].index(b"\xff\xda"), -2),
    "png": (8, 33, -12),
    "tiff": (8, -1),
    "webp": (12, 30, FILES["webp"].index(b"EXIF")),
}
TOKENS: dict[ImageFormat, tuple[bytes, ...]] = {
    "avif": (
        box(b"free", b""), box(b"meta", bytes(4)), box(b"iinf", bytes(6)), b"\0\0\0\1infe",
        bytes(8), box(b"infe", b"\2\0\0\0\0\2\0\0Exif\0"), box(b"ispe", bytes(12)),
        box(b"stsz", bytes(12)),
        box(b"iloc", b"\0\0\0\0\x44\0\0\1\0\1\0\0\0\1"), box(b"ipco", box(b"irot", b"\1")),
        b"\0\0\xff\xffmoov", b"\0\0\xff\xfftrak",
    ),
    "bmp": (b"\0\0", b"\0\1", b"\0\2\0\0", b"\1a", bytes(4)),
    "gif": (
        b"!\xfe\1a\0", b"!\xff\0", b"!\xf9\4\0\0\0\0\0", b",", b";", b"\1a", bytes(1), b"!\xfe",
        FILES["gif"][FILES["gif"].index(b","):-1],
    ),
    "jpeg": (
        segment(0xE1, BLOCK), segment(0xE1, b"Exif\0\0a"), segment(0xED, b"Photoshop 3.0\0"),
        segment(0xFE, b""), segment(0xE2, b"ICC_PROFILE\0\1\1a"), b"\xff", b"\xff\xd0", b"a",
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0tiff:Orientation="), b"\xff\xda\0\2",
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    ),
    "png": (
        chunk(b"tEXt", b"a\0b"), chunk(b"abCd", b""), chunk(b"IDAT", b""), chunk(b"eXIf", b"a"),
        chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(999))), chunk(b"acTL", bytes(8)), b"IDAT",
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0tiff:Orientation="), bytes(4),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\n\n\n" + b"00" * 500)),
    ),
    "tiff": (struct.pack("<HHII", 273, 4, 1, 8), struct.pack("<H", 5), bytes(4), b"\1"),
    "webp": (
        riff(b"EXIF", BLOCK), riff(b"ANMF", bytes(16)), riff(b"XMP ", b"tiff:Orientation="),
        riff(b"XMP ", XMP), riff(b"ALPH", b""), riff(b"abcd", b""), b"ANMF", bytes(4),
    ),
}  # fmt: skip


def put(name: ImageFormat, place: int, make: Maker, size: int) -> bytes:
    data = FILES[name]
    whole = data[:place] + make(size) + data[place:]
    return whole if name != "webp" else b"RIFF" + struct.pack("<I", len(whole) - 8) + whole[8:]


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name in FORMATS for place in PLACES[name]]
)
@given(data=st.data())
@settings(max_examples=12)
def test_work_grows_with_the_file(name: ImageFormat, place: int, data: st.DataObject) -> None:
    make = data.draw(repetitions(TOKENS[name]))

    def take_apart(whole: bytes) -> None:
        with suppress(ImageRejected):
            open_container(whole, name, LOOSE)

    def drop(whole: bytes) -> None:
        with suppress(ImageRejected):
            drop_refused_parts(whole, name, LOOSE)

    def look(whole: bytes) -> None:
        with suppress(ImageRejected):
            inspect(whole)

    assert_linear(take_apart, partial(put, name, place, make), 30_000)
    assert_linear(drop, partial(put, name, place, make), 30_000)
    assert_linear(look, partial(put, name, place, make), 30_000)


def make_damaged(*files: bytes) -> st.SearchStrategy[bytes]:
    """Files with some bytes replaced, and perhaps cut, or with more behind them."""
    places = st.tuples(st.floats(0, 1), st.binary(max_size=6))
    shares = st.just(1.0) | st.floats(0, 1)
    return st.builds(
        damage, st.sampled_from(files), st.lists(places, max_size=4), shares, st.binary(max_size=9)
    )


def damage(
    data: bytes, patches: list[tuple[float, bytes]], share: float, rest: bytes = b""
) -> bytes:
    whole = bytearray(data)
    for place, patch in patches:
        start = 16 + int(place * (len(whole) - 17))
        whole[start : start + len(patch)] = patch
    return bytes(whole[: 16 + int(share * len(whole))]) + rest


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=150)
def test_any_bytes_are_taken_apart_or_refused(name: ImageFormat, data: st.DataObject) -> None:
    with suppress(ImageRejected):
        open_container(data.draw(make_damaged(FILES[name])), name, Limits())


@pytest.mark.parametrize("name", FORMATS)
def test_pixels_are_those_of_the_whole_file(name: ImageFormat) -> None:
    pixels = open_container(FILES[name], name, Limits()).pixels
    opened, whole = (
        Image.open(io.BytesIO(data), formats=(name,)) for data in (pixels, FILES[name])
    )
    assert opened.convert("RGB").tobytes() == whole.convert("RGB").tobytes()
    assert opened.info.get("transparency") == whole.info.get("transparency")


@pytest.mark.parametrize("name", FORMATS)
def test_facts_and_orientation_are_found(name: ImageFormat) -> None:
    seen = inspect(FILES[name])
    if name in ("bmp", "gif"):
        assert seen.exif == {}
    else:
        assert seen.exif == {"make": "Canon", "orientation": 6}
        assert (seen.width, seen.height) == (16, 24)


# Files that say more beside their pixels.
MORE = Image.Exif()
MORE[0x0112], MORE[0x011A] = 8, 72.0
MORE.get_ifd(IFD.Exif)[0x829A] = 0.5
TEXTS = PngInfo()
TEXTS.add_text("Raw profile type exif", f"\nexif\n{len(BLOCK):8}\n{BLOCK.hex()}\n", zip=True)
TEXTS.add_itxt("XML:com.adobe.xmp", XMP.decode())
TALKATIVE: dict[ImageFormat, tuple[bytes, ...]] = {
    "avif": (
        encode_image(PICTURE, "avif", exif=MORE.tobytes(), xmp=XMP),
        encode_image(PICTURE, "avif", xmp=XMP),
    ),
    "jpeg": (
        encode_image(PICTURE, "jpeg", exif=MORE, dpi=(72, 72), xmp=XMP),
        encode_image(PICTURE, "jpeg", xmp=XMP, comment=b"a"),
    ),
    "png": (
        encode_image(PICTURE, "png", pnginfo=TEXTS),
        encode_image(PICTURE, "png", exif=MORE, save_all=True, append_images=[PICTURE.rotate(90)]),
    ),
    "webp": (
        encode_image(PICTURE, "webp", exif=MORE.tobytes(), xmp=XMP),
        encode_image(PICTURE, "webp", xmp=XMP, lossless=True),
    ),
}


def open_as_training_does(data: bytes, name: ImageFormat) -> Image.Image:
    """Open and turn a picture as `datasets` does for every image."""
    image = Image.open(io.BytesIO(data), formats=(name,))
    image.load()
    return ImageOps.exif_transpose(image)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of tags that it passes over
@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=300)
def test_pillow_reads_what_is_accepted_without_its_refused_parts(
    name: ImageFormat, data: st.DataObject
) -> None:
    whole = data.draw(make_damaged(FILES[name], *TALKATIVE.get(name, ())))
    whole = mend_checksums(whole) if name == "png" else whole
    try:
        seen = inspect(whole)
    except ImageRejected:
        return
    if seen.format != name:
        return
    readable = drop_refused_parts(whole, name, Limits())
    assert open_as_training_does(readable, name).size == (seen.width, seen.height)
    assert (readable == whole) == (not seen.refused_parts)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("jpeg", segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
        ("jpeg", segment(0xE1, b"Exif\0\0a")),
        ("png", chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
        ("png", chunk(b"eXIf", b"a")),
        ("webp", riff(b"XMP ", XMP)),
        ("webp", riff(b"EXIF", b"a")),
    ],
)
def test_many_refused_parts_take_no_longer_each(name: ImageFormat, unit: bytes) -> None:
    """Pictures lose them where the file says nothing else that would keep them."""
    flags = {"exif": BLOCK} if unit.startswith(b"EXIF") else {"xmp": XMP}
    data = encode_image(PICTURE, name, dpi=(72, 72), **(flags if name == "webp" else {}))
    place = {"jpeg": 2, "png": 33, "webp": 30}[name]

    def repeat(size: int) -> bytes:
        whole = data[:place] + unit * (size // len(unit)) + data[place:]
        return whole if name != "webp" else b"RIFF" + struct.pack("<I", len(whole) - 8) + whole[8:]

    def drop(whole: bytes) -> None:
        drop_refused_parts(whole, name, LOOSE)

    assert len(drop_refused_parts(repeat(9999), name, LOOSE)) < 2 * len(data)
    assert_linear(drop, repeat, 60_000)
    assert_linear(lambda whole: open_container(whole, name, LOOSE), repeat, 60_000)
