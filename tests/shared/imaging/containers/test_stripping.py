"""Files without what they say of place and owner: the same pixels, and no trace of the words."""

import io
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import GPS, IFD, Base

from shared.imaging.containers.stripping import find_extras, strip_metadata
from shared.imaging.formats import detect_format
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected, Limits
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.lossless import segment
from tests.shared.imaging.oriented import ORIENTED
from tests.shared.imaging.photographs import encode_image, load_photograph

SECRET = b"SECRET"
NOTICE = "(c) 2026 Ada"
PICTURE = load_photograph().resize((48, 32))
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syn'
    b'tax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude='
    b'"SECRET,59.9N"/></rdf:RDF></x:xmpmeta>'
)
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x5a\0\x06SECRET\0"


def tell_all() -> bytes:
    """Return EXIF that tells place, owner, device and maker, the orientation and the copyright."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Copyright] = NOTICE
    exif[Base.Artist] = exif[Base.Make] = exif[Base.ImageDescription] = "SECRET"
    details = exif.get_ifd(IFD.Exif)
    details[Base.CameraOwnerName] = details[Base.BodySerialNumber] = "SECRET"
    details[Base.MakerNote] = details[Base.UserComment] = SECRET
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (59.0, 21.0, 9.0)
    place[GPS.GPSAreaInformation] = SECRET
    return exif.tobytes()


def _jpeg(**options: Any) -> bytes:
    exif, xmp = tell_all(), b"http://ns.adobe.com/xap/1.0/\0" + XMP
    data = encode_image(PICTURE, "JPEG", exif=exif, icc_profile=PROFILE, **options)
    parts = [segment(0xE1, xmp), segment(0xED, IPTC), segment(0xFE, SECRET), segment(0xEB, SECRET)]
    return data[:2] + b"".join(parts) + data[2:] + b"SECRET film"


def _png() -> bytes:
    data = encode_image(PICTURE, "PNG", exif=tell_all(), icc_profile=PROFILE)
    texts = [
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        chunk(b"tEXt", b"Author\0SECRET"),
        chunk(b"caBX", SECRET),
    ]
    return data[:33] + b"".join(texts) + data[33:] + SECRET


def _webp() -> bytes:
    return encode_image(
        PICTURE, "WEBP", lossless=True, exif=tell_all(), xmp=XMP, icc_profile=PROFILE
    )


def _avif() -> bytes:
    return encode_image(PICTURE, "AVIF", exif=tell_all(), xmp=XMP, icc_profile=PROFILE)


def _tiff(**options: Any) -> bytes:
    exif = Image.Exif()
    exif.load(tell_all())
    tags = {700: XMP, 33723: IPTC, 33432: NOTICE, 315: "SECRET", 274: 6}
    return encode_image(PICTURE, "TIFF", exif=exif, tiffinfo=tags, icc_profile=PROFILE, **options)


def _gif() -> bytes:
    data = encode_image(PICTURE.quantize(8), "GIF", comment=SECRET)
    return data[:-1] + b"!\xff\x0bXMP DataXMPSECRET\0;"


TELLING: dict[str, Callable[[], bytes]] = {
    "jpeg": _jpeg,
    "progressive jpeg": lambda: _jpeg(progressive=True),
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "tiff": _tiff,
    "packed tiff": lambda: _tiff(compression="tiff_lzw"),
    "gif": _gif,
}


def strip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    limits = Limits()
    return strip_metadata(data, detect_format(data, limits), limits)


def read(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("name", TELLING)
def test_nothing_is_left_of_place_and_owner(name: str) -> None:
    data = TELLING[name]()
    stripped, gone = strip(data)
    assert SECRET in data
    assert SECRET not in stripped
    assert gone
    exif = read(stripped).getexif()
    assert exif.get_ifd(IFD.GPSInfo) == {}
    assert {*exif.get_ifd(IFD.Exif)} == set()


@pytest.mark.parametrize("name", TELLING)
def test_pixels_colours_and_turn_stay(name: str) -> None:
    data = TELLING[name]()
    before, after = read(data), read(strip(data)[0])
    assert after.tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    seen, again = inspect(data), inspect(strip(data)[0])
    assert (again.width, again.height, again.phash) == (seen.width, seen.height, seen.phash)
    assert again.thumbnail == seen.thumbnail
    assert again.refused_parts == ()
    if name not in ("gif", "avif"):
        assert again.exif.get("copyright") == NOTICE


@pytest.mark.parametrize("name", TELLING)
def test_once_is_enough(name: str) -> None:
    stripped, _ = strip(TELLING[name]())
    again, gone = strip(stripped)
    assert again is stripped
    assert gone == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_files_that_say_nothing_stay_as_they_are(kind: str) -> None:
    data = encode_image(PICTURE, kind)
    stripped, gone = strip(data)
    assert gone == ()
    assert stripped is data


@pytest.mark.parametrize("name", ORIENTED)
def test_pictures_are_shown_as_before(name: str) -> None:
    data = ORIENTED[name]()
    seen, again = inspect(data), inspect(strip(data)[0])
    assert (again.phash, again.thumbnail) == (seen.phash, seen.thumbnail)


@pytest.mark.parametrize("name", TELLING)
def test_a_file_that_is_cut_anywhere_can_be_stripped(name: str) -> None:
    data = TELLING[name]()
    for end in range(16, len(data), max(1, len(data) // 40)):
        cut = data[:end]
        assert len(strip_metadata(cut, detect_format(data, Limits()), Limits())[0]) <= end + 200


def test_animations_keep_their_pictures() -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue", "green")]
    for kind in ("GIF", "PNG", "WEBP"):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=70)
        stripped, gone = strip(file.getvalue())
        assert (stripped, gone) == (file.getvalue(), ())
        assert inspect(stripped).frames == 3


def test_tags_that_lie_over_each_other_take_no_time() -> None:
    """EXIF leads to a directory of entries that are directories, and so on."""
    entries = 2000
    data = encode_image(PICTURE, "TIFF")
    at = len(data) + len(data) % 2
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    link = first + 2 + 12 * count
    last = link - 12  # becomes the EXIF directory
    entry = (34665).to_bytes(2, "little") + b"\4\0\1\0\0\0" + at.to_bytes(4, "little")
    wide = (37500).to_bytes(2, "little") + b"\7\0" + (1 << 30).to_bytes(4, "little") + bytes(4)
    looped = data[:last] + entry + data[link:].ljust(at - link, b"\0")
    looped += entries.to_bytes(2, "little") + (entry + wide) * (entries // 2) + bytes(4)
    started = time.process_time()
    with suppress(ImageRejected):
        strip_metadata(looped, "tiff", Limits())
    assert time.process_time() - started < 1


@pytest.mark.parametrize("kind", TELLING)
def test_what_a_file_has_beside_its_picture(kind: str) -> None:
    """Rows keep it, so that an export need not read the files."""
    data = TELLING[kind]()
    found = detect_format(data, Limits())
    assert find_extras(data, found, ()) == "metadata"
    assert find_extras(data, found, ("APP1",)) == "refused"
    stripped, _ = strip_metadata(data, found, Limits())
    assert find_extras(stripped, found, ()) == "none"


def test_what_cannot_be_told_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise ImageRejected("decode_error", "too many parts")

    monkeypatch.setattr("shared.imaging.containers.stripping.strip_metadata", refuse)
    assert find_extras(b"", "jpeg", ()) is None
