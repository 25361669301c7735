"""Files that Pillow refuses for what stands beside the pixels, and what it reads of others."""

import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image, ImageOps, UnidentifiedImageError

from shared.imaging.containers import drop_refused_parts, open_container
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageFormat, ImageRejected, Limits
from tests.shared.imaging.containers.building import (
    make_riff_chunk,
    make_tiff,
    make_webp,
    mend_checksums,
)
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
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "jpeg"])
def test_a_tiff_whose_directory_has_more_entries_than_bytes(
    compression: str | None, big: bool
) -> None:
    """A directory that is written anew would hide that libtiff refuses the file as it stands."""
    data = encode_image(PICTURE, "TIFF", compression=compression, big_tiff=big)
    is_big = data[2:4] == b"+\0"  # libtiff writes none for Pillow
    order = "<Q" if is_big else "<H"
    (offset,) = struct.unpack_from("<Q" if is_big else "<I", data, 8 if is_big else 4)
    (count,) = struct.unpack_from(order, data, offset)
    size = 20 if is_big else 12
    last = (len(data) - offset - struct.calcsize(order)) // size
    for more in (last + 1, last + 2, 4097, 65_535):
        damaged = bytearray(data)
        struct.pack_into(order, damaged, offset, more)
        with pytest.raises(
            ImageRejected, match=r"does not end within the file|more than 4096 tags"
        ):
            inspect(bytes(damaged))
    assert count <= last
    assert inspect(data).width == 40


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


def orient(orientation: int) -> bytes:
    """EXIF that Pillow reads, and cannot write again without the orientation."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0103] = orientation, 7
    # Type and number of a text, where a short number stands.
    return exif.tobytes().replace(b"\1\3\0\3\0\0\0\1\0\7", b"\1\3\0\2\0\0\0\2a\0")


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_an_orientation_stays_when_its_exif_goes(name: ImageFormat, orientation: int) -> None:
    data = WITH_EXIF[name](orient(orientation))
    with pytest.raises(struct.error):
        ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    seen = inspect(data)
    assert seen.refused_parts == ({"jpeg": "APP1", "png": "eXIf", "webp": "EXIF"}[name],)
    readable = drop_refused_parts(data, name, LIMITS)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(readable)))
    assert turned.size == (seen.width, seen.height) == ((24, 40) if orientation == 6 else (40, 24))
    assert inspect(readable).phash == seen.phash
    assert inspect(readable).refused_parts == ()


def test_exif_of_an_avif_has_nothing_in_front_but_its_name() -> None:
    block = Image.Exif()
    block[0x010F] = "Canon"
    data = encode_image(PICTURE, "AVIF", exif=block.tobytes()).replace(b"Exif\0\0MM", b"Exit\0\0MM")
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(data))
    assert inspect(data).refused_parts == ("Exif",)
    assert Image.open(io.BytesIO(drop_refused_parts(data, "avif", LIMITS))).size == (40, 24)


@pytest.mark.parametrize("box", [(0, 24), (20, 24)])
def test_a_png_whose_first_frame_is_not_its_default_picture(box: tuple[int, int]) -> None:
    data = encode_image(PICTURE, "PNG", save_all=True, append_images=[PICTURE.rotate(90)])
    whole = struct.pack(">4sIII", b"fcTL", 0, 40, 24)
    broken = mend_checksums(data.replace(whole, struct.pack(">4sIII", b"fcTL", 0, *box)))
    assert inspect(broken).refused_parts == ("acTL", "fcTL", "fdAT")
    opened = Image.open(io.BytesIO(drop_refused_parts(broken, "png", LIMITS)))
    assert opened.convert("RGB").tobytes() == PICTURE.convert("RGB").tobytes()


@pytest.mark.parametrize("name", ["avif", "jpeg", "png", "webp"])
def test_a_file_without_refused_parts_stays_as_it_is(name: ImageFormat) -> None:
    data = encode_image(PICTURE, name) + b"a camera's own"
    assert inspect(data).refused_parts == ()
    assert drop_refused_parts(data, name, LIMITS) == data


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize(("value_type", "is_read"), [(4, True), (220, False)])
def test_a_tiff_without_the_sizes_of_strips_is_read_as_libtiff_guesses(
    compression: str, value_type: int, is_read: bool
) -> None:
    turn = {700: b'<rdf:Description tiff:Orientation="8"/>'}
    data = encode_image(PICTURE, "TIFF", compression=compression, tiffinfo=turn)
    place = next(data.find(struct.pack("<HH", 279, kind)) for kind in (4, 3))
    renamed = data[:place] + struct.pack("<HH", 65_535, value_type) + data[place + 4 :]
    opened = Image.open(io.BytesIO(drop_refused_parts(renamed, "tiff", LIMITS)))
    if is_read:
        assert opened.convert("RGB").tobytes() == PICTURE.convert("RGB").tobytes()
        assert inspect(renamed).phash == inspect(data).phash
    else:
        with pytest.raises(OSError, match="decoder error"):
            opened.load()
        with pytest.raises(ImageRejected, match="decode_error"):
            inspect(renamed)


@pytest.mark.parametrize("value_type", [2, 3])
@pytest.mark.parametrize("orientation", [1, 8])
def test_a_tiff_whose_xmp_is_no_bytes(value_type: int, orientation: int) -> None:
    packet = b'<rdf:Description tiff:Orientation="%d"/>' % orientation
    data = encode_image(PICTURE, "TIFF", tiffinfo={700: packet})
    head = struct.pack("<HH", 700, 1)
    assert data.count(head) == 1
    broken = data.replace(head, struct.pack("<HH", 700, value_type))
    with pytest.raises(TypeError):
        Image.open(io.BytesIO(broken)).load()
    seen = inspect(broken)
    assert (seen.width, seen.height, seen.refused_parts) == (40, 24, ("XMP",))
    opened = Image.open(io.BytesIO(drop_refused_parts(broken, "tiff", LIMITS)))
    assert ImageOps.exif_transpose(opened).tobytes() == PICTURE.tobytes()
