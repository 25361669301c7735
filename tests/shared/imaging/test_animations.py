"""The first frame is the one that browsers show, and blank ones do not make animations equal.

Pixels are those that Chromium 156 gives back from its canvas.
"""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging.animations import cut_first_frame
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageFormat
from shared.imaging.rendering import render
from shared.imaging.variants import Variant
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.moving_files import GifFrame, PngFrame, make_apng, make_gif
from tests.shared.imaging.photographs import encode_image, load_photograph, open_image

R, G, B, W = "ff0000", "00ff00", "0000ff", "ffffff"
NOTHING = "------"


def show(data: bytes) -> list[str]:
    """Return rows of pixels, in hexadecimal digits, with dashes for what is transparent."""
    (rendered,) = render(data, [Variant(name="same", width=4096, format="png")])
    rows = np.asarray(open_image(rendered.data).convert("RGBA")).tolist()
    return [
        " ".join(NOTHING if a == 0 else bytes((r, g, b)).hex() for r, g, b, a in row)
        for row in rows
    ]


GREEN_KEY = chunk(b"tRNS", bytes((0, 0, 0, 255, 0, 0)))
SMALL = GifFrame(1, 1, 2, 1, (2, 1))
LATER = GifFrame(0, 0, 4, 3, (3,) * 12)
EMPTY = f"{NOTHING} {NOTHING} {NOTHING} {NOTHING}"
AROUND = [EMPTY, f"{NOTHING} {B} {G} {NOTHING}", EMPTY]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (make_gif(3, 1, GifFrame(0, 0, 3, 1, (0, 1, 2))), [f"{R} {G} {B}"]),
        (make_gif(4, 3, SMALL), AROUND),
        (make_gif(4, 3, SMALL, background=1), AROUND),
        (make_gif(4, 3, SMALL, LATER), AROUND),
        (
            make_gif(4, 3, SMALL._replace(transparent=1)),
            [EMPTY, f"{NOTHING} {B} {NOTHING} {NOTHING}", EMPTY],
        ),
        (make_gif(2, 1, GifFrame(1, 0, 2, 1, (0, 1))), [f"{NOTHING} {R} {G}"]),
        (make_gif(1, 1, GifFrame(0, 0, 2, 1, (0, 1))), [f"{R} {G}"]),
        (make_gif(0, 0, GifFrame(0, 0, 2, 1, (0, 1))), [f"{R} {G}"]),
    ],
)
def test_the_canvas_of_a_gif_is_transparent_around_its_first_frame(
    data: bytes, expected: list[str]
) -> None:
    assert show(data) == expected


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
CORNER = PngFrame(1, 1, GREEN, x=1, y=1)
IN_CORNER = [f"{NOTHING} {NOTHING}", f"{NOTHING} {G}"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (make_apng(PngFrame(2, 1, RED), PngFrame(2, 1, GREEN), is_shown=True), [f"{R} {R}"]),
        (make_apng(PngFrame(2, 1, RED), PngFrame(2, 1, GREEN), PngFrame(2, 1, BLUE)), [f"{G} {G}"]),
        (make_apng(PngFrame(2, 2, RED), CORNER), IN_CORNER),
        (make_apng(PngFrame(2, 2, RED), CORNER._replace(blend=1)), IN_CORNER),
        (make_apng(PngFrame(1, 1, (*RED, 255)), PngFrame(1, 1, (*GREEN, 255), blend=1)), [G]),
        (
            make_apng(
                PngFrame(2, 1, RED),
                PngFrame(2, 1, GREEN),
                extra=[chunk(b"tRNS", b"\0\0\0\xff\0\0")],
            ),
            [f"{NOTHING} {NOTHING}"],
        ),
        (make_apng(PngFrame(2, 1, RED)), [f"{R} {R}"]),
        (make_apng(PngFrame(2, 1, RED), PngFrame(2, 1, GREEN, x=1)), [f"{R} {R}"]),
        (make_apng(PngFrame(2, 1, RED), PngFrame(0, 1, GREEN)), [f"{R} {R}"]),
    ],
)
def test_an_animated_png_shows_the_first_frame_of_its_animation(
    data: bytes, expected: list[str]
) -> None:
    """Chromium shows nothing where the frames are missing or wrong; we show the default picture."""
    assert show(data) == expected


def make_animation(name: str, frames: list[Image.Image]) -> bytes:
    """Return frames in a format, without loss where it can be so."""
    options = {"lossless": True} if name == "webp" else {}
    return encode_image(frames[0], name, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("name", ["gif", "webp", "png", "avif"])
def test_blank_first_frames_do_not_make_animations_equal(name: ImageFormat) -> None:
    photograph = load_photograph("coffee.png").resize((192, 128))
    drawn = [photograph.crop(box) for box in ((0, 0, 96, 64), (96, 64, 192, 128))]
    blank, darker = Image.new("RGB", (96, 64), "white"), Image.new("RGB", (96, 64), "silver")
    seen, other = (inspect(make_animation(name, [blank, darker, one, blank])) for one in drawn)
    assert seen.frames == other.frames == 4
    assert measure_distance(seen.phash, other.phash) > 10
    assert measure_distance(seen.phash, inspect(encode_image(drawn[0], "PNG")).phash) <= 4
    assert seen.uniformity > 0.97, "the measures are those of the frame that is shown first"


def test_a_first_frame_that_shows_something_is_the_one_that_is_hashed() -> None:
    drawn = load_photograph().resize((96, 64))
    frames = [drawn.rotate(90), Image.new("RGB", (96, 64))]
    moving = make_animation("webp", [drawn, *frames])
    assert inspect(moving).phash == inspect(encode_image(drawn, "WEBP", lossless=True)).phash


def test_of_blank_frames_the_least_uniform_is_hashed() -> None:
    def draw(x: int) -> bytes:
        blank = Image.new("RGB", (200, 200), "white")
        dotted = blank.copy()
        dotted.paste("black", (x, 20, x + 20, 50))
        return encode_image(
            blank, "WEBP", save_all=True, append_images=[dotted, blank], lossless=True
        )

    assert measure_distance(inspect(draw(10)).phash, inspect(draw(150)).phash) > 10


def test_frames_that_cannot_be_read_leave_the_first() -> None:
    data = make_gif(4, 3, GifFrame(0, 0, 4, 3, (3,) * 12), GifFrame(0, 0, 4, 3, (0, 1) * 6))
    assert inspect(data).phash != inspect(make_gif(4, 3, GifFrame(0, 0, 4, 3, (3,) * 12))).phash
    second = data.rindex(b"\x2c") + 10
    broken = data[:second] + b"\x0c" + data[second + 1 :]
    assert inspect(broken).phash == inspect(make_gif(4, 3, GifFrame(0, 0, 4, 3, (3,) * 12))).phash


def test_the_search_for_a_frame_ends() -> None:
    """Blank frames of a megapixel cost no more than a picture of 50 megapixels."""
    blank = PngFrame(1000, 1000, (255,))
    few, many = (make_apng(blank, *[blank] * count, is_shown=True) for count in (60, 300))
    times: list[float] = []
    for data in (few, many):
        started = time.thread_time()
        inspect(data, thumbnail=None)
        times.append(time.thread_time() - started)
    assert times[1] < 2 * times[0]


@given(
    patches=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=4),
    end=st.integers(0, 400),
)
@settings(max_examples=200)
def test_damaged_animations_are_cut_or_not(patches: list[tuple[int, bytes]], end: int) -> None:
    data = bytearray(make_apng(PngFrame(2, 2, RED), CORNER, PngFrame(2, 2, BLUE)))
    for start, patch in patches:
        data[start : start + len(patch)] = patch
    cut_first_frame(bytes(data[:end] if end else data))
