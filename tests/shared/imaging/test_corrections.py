"""Corrected pixels are those that libtiff and browsers show where Pillow alone differs.

Values of TIFF are those of `tiff2rgba` (libtiff 4.5) where it reads the kind, and follow from TIFF
6.0 where it does not; those of PNG and GIF are what Chromium 156 gives back from its canvas.
"""

import struct

import numpy as np
import pytest
from PIL import Image

from shared.imaging.inspection import inspect
from tests.shared.imaging.color_files import make_png, render_patches
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.photographs import encode_image
from tests.shared.imaging.tiff_files import (
    BLACK_IS_ZERO,
    FLOAT,
    RGB,
    SIGNED,
    WHITE_IS_ZERO,
    make_tiff,
)

HALVES = (0, 0x2000, 0x8000, 0xFFFF)


def render_greys(data: bytes) -> list[int]:
    """Return the level of each pixel."""
    colors = render_patches(data)
    assert all(color == (color[0],) * 3 for color in colors)
    return [color[0] for color in colors]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("photometric", "expected"),
    [(BLACK_IS_ZERO, [0, 32, 128, 255]), (WHITE_IS_ZERO, [255, 223, 127, 0])],
)
def test_greys_of_16_bits_have_black_or_white_at_zero(
    order: str, photometric: int, expected: list[int]
) -> None:
    samples = struct.pack(f"{order}4H", *HALVES)
    data = make_tiff(samples, width=4, bits=16, order=order, photometric=photometric)
    assert render_greys(data) == expected
    assert inspect(data).brightness == pytest.approx(sum(expected) / 4 / 255, abs=0.01)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("photometric", "expected"),
    [(BLACK_IS_ZERO, [0, 32, 128, 255]), (WHITE_IS_ZERO, [255, 223, 127, 0])],
)
def test_white_of_12_bits_is_4095(order: str, photometric: int, expected: list[int]) -> None:
    """Two samples in three bytes, the same in both byte orders: 0, 512, 2048 and 4095."""
    samples = bytes.fromhex("000200 800fff")
    data = make_tiff(samples, width=4, bits=12, order=order, photometric=photometric)
    assert render_greys(data) == expected


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_few_bits_have_white_at_zero_too(order: str, bits: int) -> None:
    samples = {1: b"\x50", 4: b"\x0f\xf0", 8: b"\x00\xff\xff\x00"}[bits]
    data = make_tiff(samples, width=4, bits=bits, order=order, photometric=WHITE_IS_ZERO)
    assert render_greys(data) == ([255, 0, 255, 0] if bits == 1 else [255, 0, 0, 255])


@pytest.mark.parametrize(
    ("layout", "sample_format", "samples", "expected"),
    [
        ("4I", 1, (0, 2**29, 2**31, 2**32 - 1), [0, 31, 127, 255]),
        ("4h", SIGNED, (-32768, -16384, 0, 32767), [0, 63, 127, 255]),
        ("4i", SIGNED, (-(2**31), -(2**30), 0, 2**31 - 1), [0, 63, 127, 255]),
        ("4f", FLOAT, (0.0, 0.25, 0.5, 1.0), [0, 63, 127, 255]),
        ("4f", FLOAT, (0.0, float("inf"), 0.5, 1.0), [0, 255, 127, 255]),
        ("4f", FLOAT, (0.0, float("nan"), 0.5, 1.0), [0, 0, 127, 255]),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_own_range_of_deep_samples_is_shown(
    order: str, layout: str, sample_format: int, samples: tuple[float, ...], expected: list[int]
) -> None:
    """They have no agreed white; the order of their values is kept."""
    bits = 8 * struct.calcsize(layout) // 4
    packed = struct.pack(order + layout, *samples)
    data = make_tiff(packed, width=4, bits=bits, order=order, sample_format=sample_format)
    assert render_greys(data) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("order", ["<", ">"])
def test_floats_may_have_white_at_zero(order: str) -> None:
    samples = struct.pack(f"{order}4f", 0, 0.25, 0.5, 1)
    data = make_tiff(
        samples, width=4, bits=32, order=order, photometric=WHITE_IS_ZERO, sample_format=FLOAT
    )
    assert render_greys(data) == pytest.approx([255, 191, 127, 0], abs=1)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["I", "F", "I;16", "I;16B"])
def test_compressed_samples_are_read_in_the_right_byte_order(compression: str, mode: str) -> None:
    """Libtiff swaps them while it decompresses; Pillow alone would swap floats again."""
    samples = np.array([[0, 16384, 32768, 65535]], np.float32 if mode == "F" else np.int32)
    image = Image.fromarray(samples)
    if mode.startswith("I;16"):
        image = (
            image.convert("I;16")
            if mode == "I;16"
            else Image.frombytes("I;16B", (4, 1), samples.astype(">u2").tobytes())
        )
    data = encode_image(image, "TIFF", compression=compression)
    assert render_greys(data) == pytest.approx([0, 64, 128, 255], abs=1)


def test_compressed_floats_with_the_most_significant_byte_first() -> None:
    """Written by `tiffcp -B -c packbits` of libtiff: 0, 0.25, 0.5 and 1."""
    plain = make_tiff(
        struct.pack(">4f", 0, 0.25, 0.5, 1), width=4, bits=32, order=">", sample_format=FLOAT
    )
    packed = bytearray(plain.replace(plain[8:24], b"\x0f" + plain[8:24], 1))
    head = struct.unpack(">I", packed[4:8])[0] + 1
    struct.pack_into(">I", packed, 4, head)
    for entry in range(head + 2, head + 2 + 12 * 10, 12):
        if (tag := int.from_bytes(packed[entry : entry + 2])) in (259, 279):
            struct.pack_into(">H", packed, entry + 8, 32773 if tag == 259 else 17)
    assert render_greys(bytes(packed)) == pytest.approx([0, 63, 127, 255], abs=1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("bits", "channels", "extra", "samples", "expected"),
    [
        (8, 2, 1, (64, 128), (127, 127, 127, 128)),
        (8, 2, 2, (64, 128), (64, 64, 64, 128)),
        (8, 4, 1, (64, 32, 128, 128), (127, 63, 255, 128)),
        (8, 4, 2, (64, 32, 128, 128), (64, 32, 128, 128)),
        (16, 4, 1, (0x4000, 0x2000, 0x8000, 0x8000), (127, 63, 255, 128)),
        (16, 4, 2, (0x4000, 0x2000, 0x8000, 0x8000), (64, 32, 128, 128)),
    ],
)
def test_alpha_is_multiplied_in_or_not(
    order: str, bits: int, channels: int, extra: int, samples: tuple[int, ...], expected: tuple[int]
) -> None:
    packed = struct.pack(f"{order}{channels}{'B' if bits == 8 else 'H'}", *samples)
    data = make_tiff(
        packed,
        width=1,
        bits=bits,
        order=order,
        channels=channels,
        photometric=RGB if channels == 4 else BLACK_IS_ZERO,
        extra=extra,
    )
    assert render_patches(data) == [expected]


@pytest.mark.parametrize(
    ("kind", "depth", "rows", "key", "transparent"),
    [
        (0, 1, b"\x50", (0,), [0, 2]),
        (0, 1, b"\x50", (1,), [1, 3]),
        (0, 2, b"\x1b", (1,), [1]),
        (0, 2, b"\x1b", (3,), [3]),
        (0, 4, b"\x05\xa1", (5,), [1]),
        (0, 8, b"\x05\x06\x05\xff", (5,), [0, 2]),
        (0, 8, b"\x05\x06\x05\xff", (0x0105,), [0, 2]),
        (0, 16, struct.pack(">4H", 0x8000, 0x8001, 0x80FF, 0x8000), (0x8000,), [0, 3]),
        (2, 8, bytes((9, 8, 7, 1, 2, 3, 9, 8, 7, 9, 8, 6)), (9, 8, 7), [0, 2]),
        (
            2,
            16,
            struct.pack(">12H", 0x9000, 8, 7, 0, 0, 0, 0x9000, 8, 7, 0xFFFF, 0, 0),
            (0x9000, 8, 7),
            [0, 2],
        ),
    ],
)
def test_one_colour_of_a_png_is_transparent_at_any_depth(
    kind: int, depth: int, rows: bytes, key: tuple[int, ...], transparent: list[int]
) -> None:
    named = chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))
    patches = render_patches(make_png(named, kind=kind, depth=depth, rows=rows, width=4))
    assert [index for index, color in enumerate(patches) if color[3:] == (0,)] == transparent


def test_greys_of_16_bits_are_rounded_as_libpng_does() -> None:
    rows = struct.pack(">8H", 0, 0x8000, 0x80FF, 0xFFFF, 0x7F80, 0x7F7F, 256, 128)
    data = make_png(kind=0, depth=16, rows=rows)
    assert render_greys(data) == [0, 128, 128, 255, 127, 127, 1, 0]
