"""Read the few facts of EXIF that a dataset wants, made safe for a JSON column."""

import io
import re
import struct
from contextlib import suppress
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
_REBUILT = (*_TEXTS.values(), Base.ImageDescription, Base.Software, Base.DateTime)
_MAX_TEXT = 300
# An APP1 segment holds 64 KiB (JPEG, ITU-T T.81 §B.1.1.4).
_MAX_BLOCK = 65_000
# Other formats have no such bound, and each number in a block costs microseconds.
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')
MAX_READ = 1024 * 1024
# In front of a block in JPEG, and where Pillow writes one.
EXIF_HEAD = b"Exif\0\0"
_TURNS = range(2, 9)


def parse_exif(block: bytes) -> Image.Exif:
    """Return the entries of an EXIF block; none where it is absent or broken.

    Give it at most `MAX_READ` bytes of foreign data. Only the block's own orientation counts:
    Pillow's `getexif` would look into XMP for one, which browsers, OpenCV and the standards of
    JPEG and PNG do not.
    """
    exif = Image.Exif()
    try:
        _load_tags(exif, block)
    except Exception:  # a camera's broken EXIF raises nearly anything, and the picture may be good
        return Image.Exif()
    return exif


def turns_by_xmp(block: bytes, xmp: bytes) -> bool:
    """Return whether Pillow turns a picture for what XMP says alone, as no other reader does.

    The rule is that of `PIL.Image.Image.getexif`, which `exif_transpose` asks.
    """
    place = find_xmp_orientation(xmp)
    is_turn = place > 0 and xmp[place : place + 1] in b"2345678"
    return is_turn and Base.Orientation not in parse_exif(block)


def find_xmp_orientation(xmp: bytes) -> int:
    """Return where the digit of the first orientation stands in a packet; 0 for nowhere."""
    found = _XMP_ORIENTATION.search(xmp)
    return found.start(1) if found else 0


def _load_tags(exif: Image.Exif, block: bytes) -> None:
    if block[2:4] in (b"+\0", b"\0+"):
        # A BigTIFF, of which Pillow reads the directory but not the head.
        exif.bigtiff, exif.endian = True, "<" if block[:1] == b"I" else ">"
        (offset,) = struct.unpack(f"{exif.endian}Q", block[8:16])
        exif.load_from_fp(io.BytesIO(block), offset)
    else:
        exif.load(block)


def is_readable(block: bytes) -> bool:
    """Return whether Pillow reads the block, or raises."""
    try:
        _load_tags(Image.Exif(), block)
    except Exception:
        return False
    return True


def is_writable(block: bytes) -> bool:
    """Return whether Pillow can write again what it reads of a block, or raises.

    It does so to take the orientation out of a picture that it turns. More than 65 kB are taken for
    writable: each entry takes 0.1 ms, and 1 MiB holds 87,000.
    """
    if len(block) > _MAX_BLOCK:
        return True
    try:
        parse_exif(block).tobytes()
    except Exception:
        return False
    return True


def keep_orientation(block: bytes) -> bytes:
    """Return a block of nothing but the orientation; empty where that turns nothing."""
    orientation = parse_exif(block).get(Base.Orientation)
    if orientation not in _TURNS:
        return b""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    return exif.tobytes()[len(EXIF_HEAD) :]


def reduce_exif(block: bytes) -> bytes:
    """Return a block of nothing but the orientation and the copyright; empty without both."""
    exif, reduced = parse_exif(block), Image.Exif()
    if (orientation := exif.get(Base.Orientation)) in _TURNS:
        reduced[Base.Orientation] = orientation
    if notice := _read_text(exif.get(Base.Copyright)):
        reduced[Base.Copyright] = notice.encode()
    return reduced.tobytes()[len(EXIF_HEAD) :] if reduced else b""


def is_refused(block: bytes) -> bool:
    """Return whether Pillow fails over a block when it is asked to turn the picture by it."""
    return not is_readable(block) or bool(keep_orientation(block) and not is_writable(block))


def summarize(exif: Image.Exif) -> dict[str, str | int]:
    """Return make, model, artist, copyright, taken_at and orientation, where the block has them.

    `taken_at` is ISO 8601, local to the camera unless the block gives an offset. Where the picture
    was taken (GPS) is left out: a dataset has no use for it and its subjects may not want it told.
    """
    facts: dict[str, str | int] = {}
    for name, tag in _TEXTS.items():
        if text := _read_text(exif.get(tag)):
            facts[name] = text
    details = _read_directory(exif, IFD.Exif)
    taken = details.get(Base.DateTimeOriginal) or exif.get(Base.DateTime)
    if moment := _read_moment(taken, details.get(Base.OffsetTimeOriginal)):
        facts["taken_at"] = moment
    orientation = exif.get(Base.Orientation)
    if isinstance(orientation, int) and 1 <= orientation <= 8:
        facts["orientation"] = orientation
    return facts


def rebuild_exif(exif: Image.Exif) -> bytes:
    """Return a block for a variant that keeps metadata.

    Without orientation, preview and maker note; empty where nothing is left, or above 65 kB.
    """
    rebuilt = Image.Exif()
    for tag in _REBUILT:
        if text := _read_text(exif.get(tag)):
            rebuilt[tag] = text.encode()
    for directory in (IFD.Exif, IFD.GPSInfo):
        if entries := _read_directory(exif, directory):
            entries.pop(Base.MakerNote, None)
            rebuilt.get_ifd(directory).update(entries)
    try:
        block = rebuilt.tobytes() if rebuilt or rebuilt.get_ifd(IFD.GPSInfo) else b""
    except Exception:  # values of the wrong type, which only writing them finds
        return b""
    return block if len(block) <= _MAX_BLOCK else b""


def _read_directory(exif: Image.Exif, directory: IFD) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(directory))
    except Exception:  # a broken directory raises nearly anything, and says nothing
        return {}


def _read_text(value: object) -> str:
    """Return a text in one line; "" for what is none.

    EXIF knows ASCII only. Programs write UTF-8, which Pillow reads as Latin-1.
    """
    if isinstance(value, str):
        with suppress(UnicodeError):
            value = value.encode("latin-1").decode()
    elif isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    else:
        return ""
    return clean_line(value.replace("\ufffd", " "))[:_MAX_TEXT].strip()


def _read_moment(taken: object, offset: object) -> str | None:
    """Return EXIF 2.32 §4.6.5's "YYYY:MM:DD HH:MM:SS" and its "+HH:MM" in ISO 8601."""
    text = _read_text(taken)
    zone = _read_text(offset)
    for candidate, pattern in ((text + zone, "%Y:%m:%d %H:%M:%S%z"), (text, "%Y:%m:%d %H:%M:%S")):
        try:
            return datetime.strptime(candidate, pattern).isoformat()
        except ValueError:
            continue
    return None
