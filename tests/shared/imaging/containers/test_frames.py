"""Frames are counted without decoding, and the counting itself is bounded."""

import time
from contextlib import suppress

import pytest
from PIL import Image

from shared.imaging.containers import open_container
from shared.imaging.limits import ImageFormat, ImageRejected, Limits
from tests.shared.imaging import hostile
from tests.shared.imaging.photographs import encode_image, load_photograph


def count_frames(data: bytes, name: ImageFormat, limits: Limits) -> int:
    return open_container(data, name, limits).frames


COLORS = ("red", "green", "blue", "white", "black")


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tiff"])
def test_frames_are_those_that_pillow_counts(name: ImageFormat) -> None:
    pictures = [Image.new("RGB", (20, 20), color) for color in COLORS]
    data = encode_image(pictures[0], name, save_all=True, append_images=pictures[1:])
    assert count_frames(data, name, Limits()) == len(COLORS)
    assert count_frames(encode_image(pictures[0], name), name, Limits()) == 1


def test_extensions_and_colour_tables_do_not_confuse_a_gif() -> None:
    pictures = [load_photograph().resize((60, 40)).quantize(colors) for colors in (7, 64, 256)]
    data = encode_image(
        pictures[0], "GIF", save_all=True, append_images=pictures[1:], comment=b"a,b;!" * 99, loop=0
    )
    assert count_frames(data, "gif", Limits()) == 3


def test_a_bigtiff_is_counted() -> None:
    pictures = [Image.new("L", (9, 9), value) for value in range(3)]
    data = encode_image(
        pictures[0], "TIFF", save_all=True, append_images=pictures[1:], big_tiff=True
    )
    assert data[:4] == b"II+\0"
    assert count_frames(data, "tiff", Limits()) == 3


def test_a_tiff_in_a_loop_ends() -> None:
    assert count_frames(hostile.tiff_with_pages(5, loop=True), "tiff", Limits()) == 5


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gif", hostile.gif_with_frames(100_000)),
        ("webp", hostile.webp_with_frames(100_000)),
        ("tiff", hostile.tiff_with_pages(100_000)),
        ("png", hostile.apng_with_frames(0x7FFFFFFF)),
    ],
)
def test_too_many_frames_are_refused_at_once(name: ImageFormat, data: bytes) -> None:
    times = []
    for _ in range(5):
        started = time.thread_time()
        with pytest.raises(ImageRejected, match="too_many_frames: more than 1000 frames"):
            count_frames(data, name, Limits())
        times.append(time.thread_time() - started)
    assert min(times) < 0.05


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tiff"])
def test_counting_survives_any_cut(name: ImageFormat) -> None:
    pictures = [Image.new("RGB", (20, 20), color) for color in COLORS]
    data = encode_image(pictures[0], name, save_all=True, append_images=pictures[1:])
    for end in range(len(data)):
        with suppress(ImageRejected):  # a TIFF's directory that is cut
            assert 1 <= count_frames(data[:end], name, Limits()) <= len(COLORS)
