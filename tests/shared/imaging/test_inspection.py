"""One decode yields everything that is stored about an image."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from shared.imaging.inspection import Inspection, inspect
from shared.imaging.limits import FORMATS, ImageFormat
from shared.imaging.rendering import render
from shared.imaging.variants import THUMBNAIL, Variant
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.photographs import (
    PHOTOGRAPHS,
    encode_image,
    enlarge_photograph,
    load_photograph,
    open_image,
    read_photograph,
)


@pytest.mark.parametrize("name", FORMATS)
def test_the_facts_of_a_photograph(name: ImageFormat) -> None:
    data = encode_image(load_photograph(), name)
    seen = inspect(data)
    assert seen.sha256 == hashlib.sha256(data).hexdigest()
    assert (seen.format, seen.width, seen.height, seen.frames) == (name, 600, 400, 1)
    assert seen.mime_type == f"image/{name}"
    assert seen.extension == ("jpg" if name == "jpeg" else name)
    assert seen.channels == 3
    assert -(2**63) <= seen.phash < 2**63
    assert seen.thumbnail is not None
    assert (seen.thumbnail.width, seen.thumbnail.height) == (256, 171)
    assert open_image(seen.thumbnail.data).format == "WEBP"


def test_the_thumbnail_is_what_render_makes() -> None:
    data = read_photograph("rocket.jpg")
    assert [inspect(data).thumbnail] == render(data, [THUMBNAIL])
    assert inspect(data, thumbnail=None).thumbnail is None


def test_the_measures_do_not_depend_on_the_thumbnail() -> None:
    data = encode_image(enlarge_photograph("coffee.png", (2123, 1415)), "JPEG", quality=92)
    without, usual, large = (
        inspect(data, thumbnail=variant)
        for variant in (None, THUMBNAIL, Variant(name="l", width=1024))
    )
    assert (without.sharpness, without.phash) == (usual.sharpness, usual.phash)
    assert large.sharpness == pytest.approx(usual.sharpness, rel=0.1)
    assert measure_distance(large.phash, usual.phash) <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_and_hash_are_those_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = load_photograph()
    seen = inspect(encode_image(stored, "JPEG", exif=exif, quality=95))
    assert (seen.width, seen.height) == ((600, 400) if orientation < 5 else (400, 600))
    assert seen.thumbnail is not None
    assert open_image(seen.thumbnail.data).size == (seen.thumbnail.width, seen.thumbnail.height)
    assert measure_distance(seen.phash, inspect(seen.thumbnail.data).phash) <= 2
    assert seen.exif["orientation"] == orientation


def test_exif_behind_the_pixels_of_a_png_is_found() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode_image(load_photograph().resize((60, 40)), "PNG", exif=exif)
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4])
    moved = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    assert moved != data
    assert (inspect(moved).width, inspect(moved).height) == (40, 60)


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("LA", 2), ("RGB", 3), ("P", 3), ("RGBA", 4), ("1", 1)]
)
def test_channels_are_the_file_s(mode: str, channels: int) -> None:
    assert inspect(encode_image(load_photograph().convert(mode), "PNG")).channels == channels


def test_an_animation_counts_its_frames() -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("lime", "red", "blue")]
    for name in ("gif", "webp", "avif", "png"):
        data = encode_image(frames[0], name, save_all=True, append_images=frames[1:])
        assert inspect(data).frames == 3, name


def test_a_pool_of_threads_sees_what_one_thread_sees() -> None:
    files = [read_photograph(name) for name in PHOTOGRAPHS]
    files += [encode_image(load_photograph().resize((300, 200)), name) for name in FORMATS]
    serial = [inspect(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(inspect, files)) == serial


def test_large_images_wait_for_each_other_and_do_not_lock_up() -> None:
    data = encode_image(Image.new("L", (3000, 3000), 90), "BMP")
    with ThreadPoolExecutor(4) as pool:
        seen: list[Inspection] = list(pool.map(inspect, [data] * 8))
    assert len({one.phash for one in seen}) == 1


def test_what_is_stored_is_json() -> None:
    json.dumps(inspect(read_photograph("hubble_deep_field.jpg")).exif)


@pytest.mark.parametrize(
    ("mode", "color", "mean"),
    [
        ("RGB", (255, 0, 16), 0xFF0010),
        ("L", 7, 0x070707),
        ("RGBA", (0, 255, 0, 255), 0x00FF00),
        ("RGBA", (0, 0, 0, 0), 0xFFFFFF),  # what is transparent shows the page
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (3, 900), (640, 480)])
def test_the_color_is_the_mean_of_what_shows(
    mode: str, color: int | tuple[int, ...], mean: int, size: tuple[int, int]
) -> None:
    assert inspect(encode_image(Image.new(mode, size, color), "PNG")).color == mean


def test_the_color_of_two_halves_is_between_them() -> None:
    picture = Image.new("RGB", (400, 200), (200, 0, 0))
    picture.paste((0, 100, 50), (200, 0, 400, 200))
    assert inspect(encode_image(picture, "PNG")).color == 0x643219
