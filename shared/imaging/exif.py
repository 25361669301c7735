"""The few facts of an EXIF block that a dataset wants, made safe for a JSON column."""

from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from shared.texts import clean_line

_TEXTS = {
    "make": Base.Make,
    "model": Base.Model,
    "artist": Base.Artist,
    "copyright": Base.Copyright,
}
_KEPT = (*_TEXTS.values(), Base.ImageDescription, Base.Software, Base.DateTime)
_MAX_TEXT = 300
# An APP1 segment holds 64 KiB (JPEG, ITU-T T.81 §B.1.1.4).
_MAX_BLOCK = 65_000
_MAX_CHUNKS = 20_000


def read_exif(image: Image.Image, data: bytes) -> Image.Exif:
    """The EXIF block of an opened file; empty where there is none or it is broken.

    Decodes no pixels: a PNG's block may stand behind them, where Pillow would look for it by
    decoding everything in front.
    """
    if image.format == "PNG" and "exif" not in image.info and (block := _png_exif(data)):
        image.info["exif"] = block
    try:
        return Image.Image.getexif(image)
    except Exception:  # a camera's broken EXIF raises nearly anything, and the picture may be good
        return Image.Exif()


def _png_exif(data: bytes) -> bytes | None:
    position = 8
    for _ in range(_MAX_CHUNKS):
        size, kind = (
            int.from_bytes(data[position : position + 4]),
            data[position + 4 : position + 8],
        )
        if kind == b"eXIf":
            return data[position + 8 : position + 8 + size]
        if kind in (b"IEND", b""):
            break
        position += 12 + size
    return None


def summary(exif: Image.Exif) -> dict[str, str | int]:
    """Make, model, artist, copyright, taken_at and orientation, where the block has them.

    `taken_at` is ISO 8601, local to the camera unless the block gives an offset. Where the picture
    was taken (GPS) is left out: a dataset has no use for it and its subjects may not want it told.
    """
    facts: dict[str, str | int] = {}
    for name, tag in _TEXTS.items():
        if text := _text(exif.get(tag)):
            facts[name] = text
    details = _directory(exif, IFD.Exif)
    taken = details.get(Base.DateTimeOriginal) or exif.get(Base.DateTime)
    if moment := _moment(taken, details.get(Base.OffsetTimeOriginal)):
        facts["taken_at"] = moment
    orientation = exif.get(Base.Orientation)
    if isinstance(orientation, int) and 1 <= orientation <= 8:
        facts["orientation"] = orientation
    return facts


def preserved(exif: Image.Exif) -> bytes:
    """The block for a rendition that keeps metadata: no orientation, preview or maker note."""
    kept = Image.Exif()
    for tag in _KEPT:
        if text := _text(exif.get(tag)):
            kept[tag] = text
    for directory in (IFD.Exif, IFD.GPSInfo):
        if entries := _directory(exif, directory):
            entries.pop(Base.MakerNote, None)
            kept.get_ifd(directory).update(entries)
    try:
        block = kept.tobytes() if kept or kept.get_ifd(IFD.GPSInfo) else b""
    except Exception:  # values of the wrong type, which only writing them finds
        return b""
    return block if len(block) <= _MAX_BLOCK else b""


def _directory(exif: Image.Exif, directory: IFD) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(directory))
    except Exception:  # a broken directory raises nearly anything, and says nothing
        return {}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return clean_line(value.replace("\ufffd", " "))[:_MAX_TEXT].strip()


def _moment(taken: object, offset: object) -> str | None:
    """EXIF 2.32 §4.6.5: "YYYY:MM:DD HH:MM:SS", with a "+HH:MM" of its own."""
    text = _text(taken)
    zone = _text(offset)
    for candidate, pattern in ((text + zone, "%Y:%m:%d %H:%M:%S%z"), (text, "%Y:%m:%d %H:%M:%S")):
        try:
            return datetime.strptime(candidate, pattern).isoformat()
        except ValueError:
            continue
    return None
