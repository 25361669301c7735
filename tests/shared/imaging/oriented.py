"""One picture, wider than high, with an orientation (a quarter turn) in each place that has one."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.shared.imaging.containers.building import make_riff_chunk, make_webp
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.lossless import segment
from tests.shared.imaging.photographs import encode_image, load_photograph

PICTURE = load_photograph().resize((96, 64))
# TIFF structure of one entry: orientation 6, "turn a quarter clockwise" (EXIF 2.32, §4.6.4).
BLOCK = b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
_HEX = b"\nexif\n      %d\n%s\n" % (len(BLOCK) + 6, (b"Exif\0\0" + BLOCK).hex().encode())


def _jpeg(*segments: bytes) -> bytes:
    data = encode_image(PICTURE, "JPEG", quality=95)
    return data[:2] + b"".join(segments) + data[2:]


def _png(*ahead: bytes, behind: bytes = b"") -> bytes:
    data = encode_image(PICTURE, "PNG")
    return data[:33] + b"".join(ahead) + data[33:-12] + behind + data[-12:]


def _webp(kind: bytes, flag: int, body: bytes) -> bytes:
    pixels = encode_image(PICTURE, "WEBP", lossless=True)[12:]
    size = struct.pack("<I", PICTURE.width - 1)[:3] + struct.pack("<I", PICTURE.height - 1)[:3]
    header = make_riff_chunk(b"VP8X", bytes((flag, 0, 0, 0)) + size)
    return make_webp(header, pixels, make_riff_chunk(kind, body))


def _avif(rotation: int | None = None, exif: int | None = None, **options: bytes) -> bytes:
    """An orientation is written as rotation: the one in EXIF is first called a page number."""
    block = Image.Exif()
    if rotation:
        block[0x0112] = rotation
    if exif:
        block[0x0129] = exif
    data = encode_image(PICTURE, "AVIF", quality=95, exif=block.tobytes(), **options)
    entry = b"\0\3\0\0\0\1\0%c" % (exif or 0)
    return data.replace(b"\1\x29" + entry, b"\1\x12" + entry)


def _tiff(**tags: object) -> bytes:
    values = {int(tag[1:]): value for tag, value in tags.items()}
    return encode_image(PICTURE, "TIFF", tiffinfo=values)


def _gif() -> bytes:
    data = encode_image(PICTURE, "GIF")
    # XMP in a GIF ends with a trailer that any place of it leads out of (XMP, part 3, §1.1.2).
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return data[:-1] + b"!\xff\x0bXMP DataXMP" + XMP + trailer + data[-1:]


ORIENTED: dict[str, Callable[[], bytes]] = {
    "JPEG, EXIF": lambda: _jpeg(segment(0xE1, b"Exif\0\0" + BLOCK)),
    "JPEG, XMP only": lambda: _jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
    "PNG, eXIf": lambda: _png(chunk(b"eXIf", BLOCK)),
    "PNG, eXIf behind the pixels": lambda: _png(behind=chunk(b"eXIf", BLOCK)),
    "PNG, EXIF as text": lambda: _png(
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(_HEX))
    ),
    "PNG, XMP only": lambda: _png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "WebP, EXIF": lambda: _webp(b"EXIF", 0x08, BLOCK),
    "WebP, XMP only": lambda: _webp(b"XMP ", 0x04, XMP),
    "AVIF, irot": lambda: _avif(rotation=6),
    "AVIF, EXIF only": lambda: _avif(exif=6),
    "AVIF, irot and another EXIF": lambda: _avif(rotation=8, exif=6),
    "AVIF, XMP only": lambda: _avif(xmp=XMP),
    "TIFF, orientation": lambda: _tiff(t274=6),
    "TIFF, XMP only": lambda: _tiff(t700=XMP),
    "GIF, XMP only": _gif,
    "BMP": lambda: encode_image(PICTURE, "BMP"),
}


def find_turn(image: Image.Image) -> str:
    """Tell how a picture was turned against `PICTURE`."""
    turns = {
        "no": None,
        "clockwise": Image.Transpose.ROTATE_270,
        "counter-clockwise": Image.Transpose.ROTATE_90,
    }
    return min(turns, key=lambda name: _distance(image, turns[name]))


def _distance(image: Image.Image, turn: Image.Transpose | None) -> float:
    expected = PICTURE if turn is None else PICTURE.transpose(turn)
    if expected.size[0] > expected.size[1] and image.size[0] < image.size[1]:
        return float("inf")
    if expected.size[0] < expected.size[1] and image.size[0] > image.size[1]:
        return float("inf")
    a, b = (one.convert("L").resize((16, 16)).tobytes() for one in (image, expected))
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))
