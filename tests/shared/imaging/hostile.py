"""Files that small bytes make expensive or impossible; each builder says what is wrong with it."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.shared.imaging.lossless import segment
from tests.shared.imaging.photographs import encode_image


def png(width: int, height: int, pixels: bytes = b"", *extra: bytes) -> bytes:
    """A PNG of any claimed size around any compressed RGB pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(pixels, 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with a right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg_claiming(width: int, height: int) -> bytes:
    """A tiny JPEG whose frame header names another size."""
    data = bytearray(encode_image(Image.new("RGB", (16, 16)), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_with_scans(extra: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    data = encode_image(Image.new("L", (512, 512), 128), "JPEG", progressive=True)
    start, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[start:end] * extra + data[end:]


def sequential_jpeg_with_scans(count: int) -> bytes:
    """A JPEG that gives each component a scan of its own, and then the last one another."""
    data = encode_image(Image.new("L", (64, 64), 128), "JPEG")
    frame, scan, end = data.index(b"\xff\xc0"), data.index(b"\xff\xda"), data.rindex(b"\xff\xd9")
    size = int.from_bytes(data[frame + 2 : frame + 4])
    components = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    header = segment(0xC0, struct.pack(">BHHB", 8, 64, 64, 3) + components)
    scans = (
        segment(0xDA, bytes((1, min(number, 3), 0, 0, 63, 0))) + data[scan + 10 : end]
        for number in range(1, count + 1)
    )
    tables = data[frame + 2 + size : scan]
    return data[:frame] + header + tables + b"".join(scans) + data[end:]


def gif_claiming(width: int, height: int) -> bytes:
    """A tiny GIF whose screen descriptor names another size."""
    data = bytearray(encode_image(Image.new("P", (16, 16)), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def gif_with_frame(width: int, height: int) -> bytes:
    """A tiny GIF whose first picture is larger than its screen."""
    data = bytearray(encode_image(Image.new("P", (16, 16)), "GIF"))
    frame = data.index(b",")
    data[frame + 5 : frame + 9] = struct.pack("<HH", width, height)
    return bytes(data)


def gif_with_frames(count: int) -> bytes:
    """A GIF of one-pixel pictures, 17 bytes each."""
    data = encode_image(Image.new("P", (1, 1)), "GIF")
    frame = data.index(b",")
    return data[:frame] + data[frame:-1] * count + b";"


def bmp_claiming(width: int, height: int) -> bytes:
    """A tiny BMP whose header names another size."""
    data = bytearray(encode_image(Image.new("RGB", (16, 16)), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """A tiny animated WebP whose canvas has another size."""
    frames = [Image.new("RGBA", (16, 16), color) for color in ("red", "blue")]
    data = bytearray(encode_image(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    data[24:27] = struct.pack("<I", width - 1)[:3]
    data[27:30] = struct.pack("<I", height - 1)[:3]
    return bytes(data)


def webp_with_frames(count: int) -> bytes:
    """A WebP container of nothing but frame headers."""
    frame = b"ANMF" + struct.pack("<I", 16) + bytes(16)
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02" + bytes(9) + frame * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


def avif_claiming(width: int, height: int) -> bytes:
    """A tiny AVIF whose spatial extents name another size."""
    data = bytearray(encode_image(Image.new("RGB", (64, 64)), "AVIF"))
    extents = data.index(b"ispe")
    data[extents + 8 : extents + 16] = struct.pack(">II", width, height)
    return bytes(data)


def tiff_claiming(**tags: int) -> bytes:
    """A tiny TIFF with tags (t256=width, t257=height, …) set to other values."""
    data = bytearray(
        encode_image(Image.new("RGB", (16, 16)), "TIFF", compression="tiff_adobe_deflate")
    )
    (directory,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, directory)
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if (value := tags.get(f"t{tag}")) is not None:
            struct.pack_into("<HII", data, entry + 2, 4, 1, value)
    return bytes(data)


def tiff_tiled(side: int) -> bytes:
    """A picture of 10 × 10 pixels in one tile of `side` × `side`."""
    tile = zlib.compress(bytes(side * side), 9)
    tags = ((256, 10), (257, 10), (258, 8), (259, 8), (262, 1), (277, 1),
            (322, side), (323, side), (324, 8 + 2 + 12 * 10 + 4), (325, len(tile)))  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + tile


def tiff_with_pages(count: int, *, loop: bool = False) -> bytes:
    """A TIFF of directories with one tag each; in a loop, the last points at the first."""
    size = 2 + 12 + 4
    following = [8 + size * (index + 1) for index in range(count)]
    following[-1] = 8 if loop else 0
    entry = struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 10)
    return b"II*\0\x08\0\0\0" + b"".join(entry + struct.pack("<I", next_) for next_ in following)


def apng_with_frames(count: int) -> bytes:
    """A PNG whose animation control claims a number of frames."""
    return png(10, 10, bytes(310), chunk(b"acTL", struct.pack(">II", count, 0)))


BOMBS: dict[str, Callable[[], bytes]] = {
    "png header": lambda: png(12_000, 10_000),
    "png complete": lambda: png(10_200, 5_000, bytes(5_000 * (1 + 3 * 10_200))),
    "png side": lambda: png(70_000, 1),
    "jpeg": lambda: jpeg_claiming(60_000, 60_000),
    "gif screen": lambda: gif_claiming(60_000, 60_000),
    "gif frame": lambda: gif_with_frame(60_000, 60_000),
    "bmp": lambda: bmp_claiming(60_000, 60_000),
    "bmp negative": lambda: bmp_claiming(60_000, -60_000),
    "webp canvas": lambda: webp_claiming(16_383, 16_383),
    "webp within the pixels but not the memory": lambda: webp_claiming(7_000, 7_000),
    "avif": lambda: avif_claiming(30_000, 30_000),
    "tiff": lambda: tiff_claiming(t256=60_000, t257=60_000),
    "tiff tile": lambda: tiff_tiled(8_000),
}
