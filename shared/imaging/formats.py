"""Detect formats by content, never by name."""

import re

from shared.imaging.limits import ImageFormat, ImageRejected, Limits

MIME_TYPES: dict[ImageFormat, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
}
EXTENSIONS: dict[ImageFormat, str] = {name: name for name in MIME_TYPES} | {"jpeg": "jpg"}

# Every pattern in this module matches a fixed number of bytes at one place: with nothing to repeat
# there is nothing to try again, whatever the bytes are.
_MAGIC: dict[ImageFormat, re.Pattern[bytes]] = {
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "gif": re.compile(rb"GIF8[79]a"),
    "tiff": re.compile(rb"II\*\x00|MM\x00\*|II\+\x00\x08\x00|MM\x00\+\x00\x08"),
    # "BM" alone also begins words: the size of the header behind it settles it.
    "bmp": re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL),
}

# (what it begins with, what to call it, whether it is an image of some kind)
_LOOKALIKES: tuple[tuple[re.Pattern[bytes], str, bool], ...] = tuple(
    (re.compile(pattern, re.DOTALL), name, is_image)
    for pattern, name, is_image in (
        (rb"....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", "a HEIC image", True),
        (rb"....ftypcrx ", "a camera raw image", True),
        (rb"....ftyp", "an MP4 or QuickTime video", False),
        (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL image", True),
        (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 image", True),
        (rb"8BPS", "a Photoshop document", True),
        (rb"\x00\x00[\x01\x02]\x00.\x00", "an icon", True),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document", True),
        (rb"SIMPLE  =", "a FITS image", True),
        (rb"%PDF", "a PDF document", False),
        (rb"PK\x03\x04", "a ZIP archive", False),
        (rb"\x1f\x8b", "gzip-compressed data", False),
        (rb"\x1a\x45\xdf\xa3", "a WebM or Matroska video", False),
        (rb"ID3|OggS|fLaC|RIFF....WAVE", "a sound file", False),
        (rb"\x7fELF|MZ", "a program", False),
    )
)
_HEAD_BYTES = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PROLOG = ((b"<?", b"?>"), (b"<!--", b"-->"))
_SVG = re.compile(rb"<svg|<!doctype svg", re.IGNORECASE)
# WHATWG MIME Sniffing §7.1, "identifying a resource with an unknown MIME type".
_HTML = re.compile(
    rb"<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s/>]"
    rb"|<!--",
    re.IGNORECASE,
)
_NOT_IN_TEXT = re.compile(rb"[^\t\r\n\x20-\x7e\x80-\xff]")


def detect_format(data: bytes, limits: Limits) -> ImageFormat:
    """Return the format of the bytes.

    Raises `ImageRejected` with `not_an_image` or `unsupported_format` and a detail that says what
    the bytes look like instead. Looks at the first 4 KiB at most.
    """
    if (found := _sniff(data)) is None:
        name, is_image = _describe(data[:_HEAD_BYTES])
        raise ImageRejected(
            "unsupported_format" if is_image else "not_an_image",
            f"{name}; accepted are {', '.join(limits.formats)}",
        )
    if found not in limits.formats:
        raise ImageRejected(
            "unsupported_format", f"{found}; accepted are {', '.join(limits.formats)}"
        )
    return found


def _sniff(data: bytes) -> ImageFormat | None:
    for name, pattern in _MAGIC.items():
        if pattern.match(data):
            return name
    # ISO 14496-12 §4.3: size, "ftyp", major brand, version, then the compatible brands.
    if data[4:8] == b"ftyp":
        box = data[8 : min(int.from_bytes(data[:4]), 256)]
        if {b"avif", b"avis"} & {box[i : i + 4] for i in range(0, len(box), 4)}:
            return "avif"
    return None


def _describe(head: bytes) -> tuple[str, bool]:
    """Return what bytes that are none of the accepted formats look like, and whether an image."""
    for pattern, name, is_image in _LOOKALIKES:
        if pattern.match(head):
            return name, is_image
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    start = _find_end_of_prolog(text)
    if _SVG.match(text, start):
        return "SVG", True
    if _HTML.match(text, start):
        return "an HTML page", False
    if text.startswith(b"<?xml"):
        return "an XML document", False
    if text.startswith((b"{", b"[")):
        return "JSON", False
    return ("unknown binary data" if _NOT_IN_TEXT.search(text) else "plain text"), False


def _find_end_of_prolog(text: bytes) -> int:
    """Return where the space, instructions and comments in front of the first element end.

    Every byte is looked at once: a search goes on where the one before it ended, and one that
    finds nothing is the last.
    """
    position = 0
    while position < len(text):
        if text[position : position + 1].isspace():
            position += 1
            continue
        closing = next((end for start, end in _PROLOG if text.startswith(start, position)), None)
        end = text.find(closing, position) if closing else -1
        if closing is None or end < 0:
            break
        position = end + len(closing)
    return position


def is_truncated(data: bytes, found: ImageFormat) -> bool:
    """Return whether the bytes stop before the format's own end: the likely cause of a failure."""
    match found:
        case "jpeg":
            return data.rfind(b"\xff\xd9") <= data.rfind(b"\xff\xda")
        case "png":
            return b"IEND" not in data[-64:]
        case "gif":
            return b";" not in data[-8:]
        case "webp":
            return int.from_bytes(data[4:8], "little") + 8 > len(data)
        case "bmp":
            return int.from_bytes(data[2:6], "little") > len(data)
        case "avif":
            return _has_overrunning_boxes(data)
        case "tiff":
            return False


def _has_overrunning_boxes(data: bytes) -> bool:
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4])
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16])
        if size == 0:
            return False
        position += max(size, 8)
    return position != len(data)
