"""Pictures in the one size of an export: exactly it, with the right pixels in the right place."""

import io
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected
from shared.imaging.resize_options import Resize
from shared.imaging.resizing import Resized, place_picture, resize_image
from tests.shared.imaging.moving_files import make_gif
from tests.shared.imaging.oriented import ORIENTED, find_turn
from tests.shared.imaging.photographs import (
    encode_image,
    enlarge_photograph,
    measure_psnr,
    open_image,
)

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def resize(data: bytes, width: int, height: int, **options: Any) -> tuple[Resized, Image.Image]:
    """Resize to a lossless file, unless the options say otherwise."""
    made = resize_image(data, Resize(width=width, height=height, **{"format": "png", **options}))
    image = open_image(made.data)
    assert image.size == (made.width, made.height)
    return made, image


def halves(width: int, height: int, kind: str = "PNG", **options: Any) -> bytes:
    """A picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return encode_image(picture, kind, **options)


@pytest.mark.parametrize("mode", ["pad", "cover", "fill"])
@pytest.mark.parametrize("enlarge", [True, False])
@pytest.mark.parametrize("size", [(640, 480), (30, 20), (10, 300), (1, 1), (3000, 1), (224, 224)])
def test_every_image_has_exactly_the_size(mode: str, enlarge: bool, size: tuple[int, int]) -> None:
    data = encode_image(Image.new("RGB", size, RED), "PNG")
    made, image = resize(data, 224, 160, mode=mode, enlarge=enlarge)
    assert (image.size, image.mode) == ((224, 160), "RGB")
    left, top, width, height = made.box
    assert image.getpixel((left, top)) == RED
    assert image.getpixel((left + width - 1, top + height - 1)) == RED
    assert min(left, top) >= 0
    assert (left + width <= 224, top + height <= 160) == (True, True)


def test_padding_is_even_and_of_the_background() -> None:
    made, image = resize(halves(200, 100), 100, 100, background="#00ff00")
    assert made.box == (0, 25, 100, 50)
    assert {image.getpixel((x, y)) for x in (0, 99) for y in (0, 24, 75, 99)} == {(0, 255, 0)}
    assert (image.getpixel((2, 50)), image.getpixel((97, 50))) == (RED, BLUE)


def test_cover_cuts_off_evenly() -> None:
    made, image = resize(halves(400, 100), 100, 100, mode="cover")
    assert made.box == (0, 0, 100, 100)
    assert (image.getpixel((40, 50)), image.getpixel((60, 50))) == (RED, BLUE)


def test_contain_is_what_pad_shows_without_the_padding() -> None:
    assert resize(halves(200, 100), 100, 100, mode="contain")[1].size == (100, 50)
    assert resize(halves(20, 10), 100, 100, mode="contain")[1].size == (100, 50)
    assert resize(halves(20, 10), 100, 100, mode="contain", enlarge=False)[1].size == (20, 10)


@pytest.mark.parametrize("mode", ["pad", "cover", "fill"])
def test_without_enlarging_pixels_stay_as_they_are(mode: str) -> None:
    made, image = resize(halves(20, 10), 100, 100, mode=mode, enlarge=False)
    assert made.box == (40, 45, 20, 10)
    shown = image.crop((40, 45, 60, 55))
    assert shown.tobytes() == open_image(halves(20, 10)).tobytes()
    assert image.getpixel((39, 45)) == WHITE


def test_cover_without_enlarging_cuts_only_what_is_too_wide() -> None:
    made, image = resize(halves(300, 50), 100, 100, mode="cover", enlarge=False)
    assert made.box == (0, 25, 100, 50)
    assert (image.getpixel((40, 30)), image.getpixel((60, 30))) == (RED, BLUE)


@pytest.mark.parametrize("mode", ["pad", "cover", "fill"])
def test_a_large_jpeg_is_as_good_as_the_full_decode(mode: str) -> None:
    data = encode_image(enlarge_photograph("coffee.png", (2123, 1415)), "JPEG", quality=92)
    spec = Resize.model_validate({"width": 224, "height": 224, "mode": mode, "format": "png"})
    shown = place_picture(spec, 2123, 1415)
    made, image = resize(data, 224, 224, mode=mode)
    size = (shown.width, shown.height)
    full = open_image(data).resize(size, Image.Resampling.LANCZOS, box=shown.crop)
    assert measure_psnr(image.crop(_corners(made.box)), full) >= 45


@pytest.mark.parametrize("name", ORIENTED)
def test_pictures_are_turned_before_they_are_fitted(name: str) -> None:
    data = ORIENTED[name]()
    thumbnail = inspect(data).thumbnail
    assert thumbnail is not None
    turn = find_turn(open_image(thumbnail.data))
    made, image = resize(data, 90, 90)
    assert made.box[2:] == ((90, 60) if turn == "no" else (60, 90))
    assert find_turn(image.crop(_corners(made.box))) == turn


def _corners(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, top, width, height = box
    return left, top, left + width, top + height


@pytest.mark.parametrize("background", ["#0000ff", "#00000000", "#0000ff80"])
def test_transparent_parts_are_laid_on_the_background(background: str) -> None:
    picture = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 20, 40))
    _, image = resize(encode_image(picture, "PNG"), 40, 40, background=background)
    color = tuple(bytes.fromhex(background[1:]))
    assert image.mode == ("RGB" if len(color) == 3 else "RGBA")
    assert image.getpixel((30, 20)) == color
    assert image.getpixel((10, 20)) in (RED, (*RED, 255))


@pytest.mark.parametrize(
    ("picture", "color"),
    [
        (Image.new("L", (8, 8), 100), (100, 100, 100)),
        (Image.new("I;16", (8, 8), 100 * 257), (100, 100, 100)),
        (Image.new("1", (8, 8), 1), WHITE),
        (Image.new("P", (8, 8), 0).convert("RGB").quantize(2), (0, 0, 0)),
        (Image.new("LA", (8, 8), (0, 0)), WHITE),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_any_mode_becomes_rgb(picture: Image.Image, color: tuple[int, ...]) -> None:
    _, image = resize(encode_image(picture, "PNG"), 16, 16)
    assert (image.mode, image.getpixel((8, 8))) == ("RGB", color)


def test_cmyk_becomes_rgb() -> None:
    data = encode_image(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95)
    _, image = resize(data, 16, 16)
    red, green, blue = image.getpixel((8, 8))  # type: ignore[misc]
    assert (image.mode, red > 200, green < 60, blue < 60) == ("RGB", True, True, True)


def test_an_animation_gives_its_first_picture() -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in (RED, BLUE)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert resize(file.getvalue(), 8, 8)[1].getpixel((4, 4)) == RED


@pytest.mark.parametrize(
    ("kind", "extension"), [("jpeg", "jpg"), ("png", "png"), ("webp", "webp"), ("avif", "avif")]
)
def test_every_format_and_its_quality(kind: str, extension: str) -> None:
    data = encode_image(enlarge_photograph("coffee.png", (300, 200)), "PNG")
    made, image = resize(data, 64, 64, format=kind)
    assert (made.extension, image.format) == (extension, kind.upper())
    if kind != "png":
        assert len(resize(data, 64, 64, format=kind, quality=5)[0].data) < len(made.data)


def test_no_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x013B] = "Somebody"
    data = encode_image(Image.new("RGB", (20, 20)), "JPEG", exif=exif)
    assert b"Somebody" not in resize(data, 8, 8)[0].data
    assert b"Somebody" in resize_image(data, Resize(width=8, height=8), keep_exif=True).data


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff nothing", make_gif(60_000, 60_000)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ImageRejected):
        resize_image(data, Resize(width=8, height=8))


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"height": 8193},
        {"width": 8192, "height": 8192},
        {"background": "white"},
        {"mode": "stretch"},
        {"quality": 0},
        {"scale": 2},
    ],
)
def test_wrong_specifications(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Resize.model_validate({"width": 8, "height": 8} | wrong)
