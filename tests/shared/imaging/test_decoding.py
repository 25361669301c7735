"""Hostile bytes: refused with a reason, fast, and without taking memory."""

import io
import pickle
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging.decoding import SourceImage
from shared.imaging.inspection import inspect
from shared.imaging.limits import FORMATS, MAX_PIXELS, ImageFormat, ImageRejected, Limits
from tests.shared.imaging import hostile
from tests.shared.imaging.photographs import encode_image, load_photograph

SMALL = load_photograph().resize((48, 32))
VALID = {name: encode_image(SMALL, name) for name in FORMATS}


def reject(data: bytes, limits: Limits = Limits()) -> ImageRejected:  # noqa: B008
    with pytest.raises(ImageRejected) as rejected:
        inspect(data, limits)
    return rejected.value


@pytest.mark.parametrize("name", hostile.BOMBS)
def test_a_bomb_is_refused_at_its_header(name: str) -> None:
    data = hostile.BOMBS[name]()
    times = []
    for _ in range(5):
        started = time.thread_time()
        assert reject(data).reason == "too_many_pixels"
        times.append(time.thread_time() - started)
    assert min(times) < 0.002


def test_bombs_take_no_memory() -> None:
    """In a process of its own, whose peak nobody else has raised."""
    script = """
import resource
from shared.imaging.inspection import inspect
from shared.imaging.limits import FORMATS, ImageRejected
from tests.shared.imaging import hostile
from tests.shared.imaging.photographs import encode_image
from PIL import Image
bombs = [build() for build in hostile.BOMBS.values()]
for name in FORMATS:
    inspect(encode_image(Image.new("RGB", (300, 300)), name))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in bombs:
    try:
        inspect(bomb)
    except ImageRejected:
        continue
    raise SystemExit("a bomb was accepted")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 5 * 1024  # KiB


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (b"", Limits(), "empty"),
        (VALID["png"], Limits(max_bytes=100), "too_large"),
        (VALID["png"], Limits(max_pixels=1000), "too_many_pixels"),
        (VALID["png"], Limits(max_side=40), "too_many_pixels"),
        (VALID["webp"], Limits(max_decoded_bytes=10_000), "too_many_pixels"),
        (VALID["webp"], Limits(formats=("png",)), "unsupported_format"),
        (hostile.gif_with_frames(3), Limits(max_frames=2), "too_many_frames"),
        (hostile.png(0, 10), Limits(), "decode_error"),
        (hostile.jpeg_claiming(7000, 7000), Limits(), "truncated"),
        (hostile.bmp_claiming(7000, 7000), Limits(), "truncated"),
        (hostile.jpeg_with_scans(40), Limits(), "decode_error"),
        (
            hostile.png(9, 9, bytes(252), *[hostile.chunk(b"abCd", b"")] * 9),
            Limits(max_parts=9),
            "decode_error",
        ),
    ],
)
def test_every_reason(data: bytes, limits: Limits, reason: str) -> None:
    rejected = reject(data, limits)
    assert rejected.reason == reason
    assert rejected.detail
    assert "0x" not in rejected.detail, "an address in memory tells a reader nothing"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_anywhere_is_truncated(progressive: bool) -> None:
    data = encode_image(load_photograph(), "JPEG", quality=92, progressive=progressive)
    assert inspect(data).width == 600
    for end in range(1000, len(data), 1000):
        assert reject(data[:end]).reason == "truncated", end


@pytest.mark.parametrize("name", ["png", "webp", "gif", "bmp", "avif", "tiff"])
def test_other_formats_cut_within_their_pixels_are_refused(name: ImageFormat) -> None:
    data = encode_image(load_photograph().resize((150, 100)), name)
    for share in (0.2, 0.5, 0.8, 0.95):
        rejected = reject(data[: int(len(data) * share)])
        assert rejected.reason in ("truncated", "decode_error"), share


@pytest.mark.parametrize("position", [0.3, 0.6, 0.9])
def test_a_flipped_bit_in_a_png_is_found(position: float) -> None:
    data = bytearray(encode_image(load_photograph().resize((150, 100)), "png"))
    data[int(len(data) * position)] ^= 0x10
    assert reject(bytes(data)).reason == "decode_error"


def test_a_wrong_name_does_not_matter_but_wrong_content_does() -> None:
    assert inspect(VALID["png"]).format == "png"
    assert reject(b"\xff\xd8\xff" + VALID["png"]).reason in ("truncated", "decode_error")


def test_limits_can_be_tightened_only() -> None:
    assert Limits(max_pixels=1).max_pixels == 1
    with pytest.raises(ValueError, match="max_pixels"):
        Limits(max_pixels=MAX_PIXELS + 1)
    with pytest.raises(ValueError, match="unknown formats: eps"):
        Limits(formats=("eps",))  # type: ignore[arg-type]


def test_a_rejection_travels_between_processes() -> None:
    copy = pickle.loads(pickle.dumps(ImageRejected("empty", "0 bytes")))  # noqa: S301
    assert (copy.reason, copy.detail) == ("empty", "0 bytes")


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        (mode, name)
        for name, modes in {
            "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
            "jpeg": ("L", "RGB", "CMYK"),
            "webp": ("RGB", "RGBA"),
            "avif": ("L", "RGB", "RGBA"),
            "gif": ("1", "L", "P", "RGB"),
            "bmp": ("1", "L", "P", "RGB"),
            "tiff": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "YCbCr", "I;16", "I", "F"),
        }.items()
        for mode in modes
    ],
)
def test_every_kind_of_pixels_is_inspected(mode: str, name: ImageFormat) -> None:
    picture = load_photograph("camera.png").resize((64, 64))
    data = encode_image(picture if mode == "L" else picture.convert(mode), name)
    seen = inspect(data)
    assert (seen.width, seen.height, seen.format) == (64, 64, name)
    assert seen.thumbnail is not None
    assert Image.open(io.BytesIO(seen.thumbnail.data)).size == (64, 64)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (65_500, 1), (1, 65_500), (2, 3)])
@pytest.mark.parametrize("name", ["png", "jpeg"])
def test_extreme_shapes_are_images_too(size: tuple[int, int], name: ImageFormat) -> None:
    seen = inspect(encode_image(Image.new("RGB", size, "red"), name))
    assert (seen.width, seen.height) == size
    assert seen.thumbnail is not None
    assert max(seen.thumbnail.width, seen.thumbnail.height) <= 256


def test_a_large_jpeg_is_decoded_small() -> None:
    source = SourceImage(encode_image(load_photograph().resize((2403, 1603)), "JPEG"), Limits())
    with source.decode(scale=0.2) as pixels:
        assert pixels.image.size == (601, 401)
        assert pixels.box == (0, 0, 2403 / 4, 1603 / 4)


@given(data=st.binary(max_size=400))
@settings(max_examples=100)
def test_random_bytes_are_rejected(data: bytes) -> None:
    with pytest.raises(ImageRejected):
        inspect(data)


@given(
    name=st.sampled_from(FORMATS),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=4),
    keep=st.floats(0.05, 1),
)
@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_images_are_rejected_or_read(
    name: ImageFormat, cuts: list[tuple[float, bytes]], keep: float
) -> None:
    data = bytearray(VALID[name])
    for position, patch in cuts:
        start = int(position * (len(data) - 1))
        data[start : start + len(patch)] = patch
    with suppress(ImageRejected):
        seen = inspect(bytes(data[: int(len(data) * keep)]))
        assert min(seen.width, seen.height) >= 1
