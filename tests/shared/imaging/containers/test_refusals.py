"""Files that Pillow refuses for what stands beside the pixels, and what it reads of others."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from shared.imaging.containers import drop_refused_parts, open_container
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageFormat, ImageRejected, Limits
from tests.shared.imaging.containers.building import make_riff_chunk, make_tiff, make_webp
from tests.shared.imaging.photographs import encode_image, load_photograph

LIMITS = Limits()
PICTURE = load_photograph().resize((40, 24))
BROKEN = b"Exif\0\0hello, world"


def webp_with(exif: bytes) -> bytes:
    header = make_riff_chunk(b"VP8X", b"\x08\0\0\0\x27\0\0\x17\0\0")
    pixels = encode_image(PICTURE, "WEBP")[12:]
    return make_webp(header, pixels, make_riff_chunk(b"EXIF", exif))


def avif_with(exif: bytes) -> bytes:
    """Pillow writes no EXIF that it cannot read: a whole one is broken afterwards."""
    block = Image.Exif()
    block[0x010F] = "Canon"
    data = encode_image(PICTURE, "AVIF", exif=block.tobytes())
    head = b"MM\0*\0\0\0\x08"
    assert data.count(head) == 1
    return data.replace(head, exif[6 : 6 + len(head)])


WITH_EXIF: dict[ImageFormat, Callable[[bytes], bytes]] = {
    "avif": avif_with,
    "jpeg": lambda exif: encode_image(PICTURE, "JPEG", dpi=(72, 72), exif=exif),
    "png": lambda exif: encode_image(PICTURE, "PNG", exif=exif),
    "webp": webp_with,
}


@pytest.mark.parametrize("name", WITH_EXIF)
def test_broken_exif_is_taken_as_absent_and_can_go(name: ImageFormat) -> None:
    data = WITH_EXIF[name](BROKEN)
    with pytest.raises((SyntaxError, OSError, ValueError)):
        Image.open(io.BytesIO(data)).getexif()
    seen = inspect(data)
    assert (seen.width, seen.height, len(seen.refused_parts)) == (40, 24, 1)
    readable = drop_refused_parts(data, name, LIMITS)
    opened = Image.open(io.BytesIO(readable))
    assert not opened.getexif()
    pixels = open_container(data, name, LIMITS).pixels
    assert opened.tobytes() == Image.open(io.BytesIO(pixels)).tobytes()
    assert inspect(readable).refused_parts == ()


def test_a_gif_keeps_the_control_of_its_first_picture() -> None:
    frames = [PICTURE.quantize(16), PICTURE.rotate(90).quantize(16)]
    data = encode_image(
        frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=3, comment=b"x"
    )
    parts = open_container(data, "gif", LIMITS)
    opened, whole = (Image.open(io.BytesIO(one)) for one in (parts.pixels, data))
    assert parts.frames == 2
    assert len(parts.pixels) < len(data) * 2 / 3
    assert opened.info["transparency"] == whole.info["transparency"]
    assert opened.convert("RGBA").tobytes() == whole.convert("RGBA").tobytes()


@pytest.mark.parametrize("cut", [1, 2, 3, 40])
def test_a_cut_gif_stays_cut(cut: int) -> None:
    data = encode_image(PICTURE, "GIF")[:-cut]
    pixels = open_container(data, "gif", LIMITS).pixels
    for one in (data, pixels):
        image = Image.open(io.BytesIO(one))
        if cut < 3:
            image.load()
        else:
            with pytest.raises(OSError, match="truncated"):
                image.load()


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_cut_tiff_stays_cut(compression: str | None, cut: int) -> None:
    """Pixels stand behind the directory, which is replaced in its place."""
    data = encode_image(PICTURE, "TIFF", compression=compression)
    with pytest.raises(ImageRejected, match=r"truncated|decode_error"):
        inspect(data[:-cut])


@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_tells_its_facts_whatever_else_it_holds(big: bool) -> None:
    many = (700, 1, 60_000, 8), (50_000, 12, 5_000, 8), (270, 2, 70_000, 8)
    plain = make_tiff((271, 2, 4, int.from_bytes(b"Sony", "little")), big=big)
    data = make_tiff(
        (271, 2, 4, int.from_bytes(b"Sony", "little")), *many, big=big, rest=bytes(70_000)
    )
    seen = inspect(data)
    assert seen.exif == {"make": "Sony"}
    assert seen.phash == inspect(plain).phash


def test_a_bigtiff_is_turned_by_its_orientation() -> None:
    data = encode_image(PICTURE, "TIFF", big_tiff=True, tiffinfo={274: 6, 271: "Sony"})
    seen = inspect(data)
    assert (seen.width, seen.height) == (24, 40)
    assert seen.exif == {"make": "Sony", "orientation": 6}
