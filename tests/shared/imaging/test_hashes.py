"""The perceptual hash is the usual one, survives copying, and tells pictures apart."""

from itertools import combinations

import numpy as np
import pytest
import scipy.fft
from PIL import Image, ImageDraw, ImageEnhance

from shared.imaging.hashes import HALVES_LAYOUT, compute_phash, hash_halves
from shared.imaging.inspection import inspect
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.photographs import PHOTOGRAPHS, encode_image, load_photograph

LANCZOS = Image.Resampling.LANCZOS


def hash_by_definition(image: Image.Image) -> int:
    """The DCT hash written down as its definition reads."""
    gray = np.asarray(image.convert("L").resize((32, 32), LANCZOS), dtype=np.float64)
    transformed = scipy.fft.dct(scipy.fft.dct(gray, axis=0), axis=1)
    low = transformed[:8, :8]
    bits = "".join("1" if value > np.median(low) else "0" for value in low.ravel())
    return int(bits, 2)


def hash_encoded(image: Image.Image, name: str = "PNG", **options: int) -> int:
    return inspect(encode_image(image, name, **options), thumbnail=None).phash


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_it_is_the_hash_of_the_definition(name: str) -> None:
    image = load_photograph(name)
    tiny = np.asarray(image.convert("L").resize((32, 32), LANCZOS))
    assert measure_distance(compute_phash(tiny), hash_by_definition(image)) == 0
    assert measure_distance(hash_encoded(image), hash_by_definition(image)) <= 2


@pytest.mark.parametrize("name", ["camera.png", "chelsea.png", "coffee.png", "rocket.jpg"])
def test_copies_stay_close(name: str) -> None:
    image = load_photograph(name)
    width, height = image.size
    x, y = width // 100, height // 100
    original = hash_encoded(image)
    copies = {
        "recompressed": hash_encoded(image, "JPEG", quality=40),
        "webp": hash_encoded(image, "WEBP", quality=60),
        "half": hash_encoded(image.resize((width // 2, height // 2)), "JPEG"),
        "double": hash_encoded(image.resize((width * 2, height * 2)), "JPEG"),
        "brighter": hash_encoded(ImageEnhance.Brightness(image).enhance(1.15)),
        "flatter": hash_encoded(ImageEnhance.Contrast(image).enhance(0.85)),
        "grey": hash_encoded(image.convert("L")),
    }
    assert {
        what: measure_distance(copy, original) for what, copy in copies.items()
    } == pytest.approx(dict.fromkeys(copies, 0), abs=4)
    cropped = hash_encoded(image.crop((x, y, width - x, height - y)))
    assert measure_distance(cropped, original) <= 8


def test_different_photographs_are_far_apart() -> None:
    hashes = [hash_encoded(load_photograph(name)) for name in PHOTOGRAPHS]
    assert min(measure_distance(a, b) for a, b in combinations(hashes, 2)) >= 18


def test_flat_pictures_hash_alike_and_not_to_noise() -> None:
    flat = {compute_phash(np.full((32, 32), value, dtype=np.uint8)) for value in (1, 100, 255)}
    assert len(flat) == 1


def test_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 x 32"):
        compute_phash(np.zeros((8, 8), dtype=np.uint8))


def read_halves(image: Image.Image, **options: int) -> tuple[list[int], list[int]]:
    """Return the hashes of a picture's halves, and the bits that saving again flips, as stored."""
    data = encode_image(image.convert("RGB"), "JPEG", **options)
    (found,) = np.frombuffer(inspect(data, thumbnail=None).phash_halves, HALVES_LAYOUT)
    return found["hashes"].tolist(), (found["flips"] / 10).tolist()


@pytest.mark.parametrize("name", ["chelsea.png", "coffee.png"])
def test_a_mark_in_a_corner_leaves_two_halves_as_they_were(name: str) -> None:
    image = load_photograph(name)
    marked = image.copy()
    width, height = image.size
    ImageDraw.Draw(marked).ellipse(
        (width * 0.8, height * 0.8, width - 9, height - 9), fill="white", outline="black", width=9
    )
    (one, flips), (other, _) = read_halves(image), read_halves(marked, quality=60)
    changed = [measure_distance(a, b) for a, b in zip(one, other, strict=True)]
    assert max(flips) < 4
    assert max(changed[0], changed[2]) <= 4 < min(changed[1], changed[3])


def test_halves_are_hashed_as_wholes_are() -> None:
    """The upper half of a picture that repeats is its lower half, and so are left and right."""
    tile = np.random.default_rng(1).integers(0, 256, (16, 16), dtype=np.uint8)
    (found,) = np.frombuffer(hash_halves(np.tile(tile, (2, 2))), HALVES_LAYOUT)
    upper, lower, left, right = found["hashes"].tolist()
    assert (upper, left) == (lower, right)
    low = scipy.fft.dctn(np.tile(tile, (1, 2)).astype(float))[:8, :8].round(6)
    assert upper == int("".join("01"[int(bit)] for bit in (low > np.median(low)).ravel()), 2)


def test_noise_decides_about_a_picture_without_structure() -> None:
    """Saving a clear sky again flips many bits, and a photograph none."""
    rng = np.random.default_rng(1)
    grain = rng.normal(0, 4, (240, 320, 1))
    sky = Image.fromarray(
        (np.linspace(150, 156, 320)[None, :, None] + grain).astype(np.uint8)[..., 0]
    )
    flips = read_halves(sky)[1]
    assert min(flips) > 4
    moved = measure_distance(
        hash_encoded(sky, "JPEG", quality=95), hash_encoded(sky, "JPEG", quality=40)
    )
    assert 4 < moved < 32
    assert max(read_halves(load_photograph("coffee.png"))[1]) < 2
    flat = hash_halves(np.full((32, 32), 9, np.uint8))
    assert flat[-5:] == bytes([255] * 5)


def draw_icon(name: str, color: tuple[int, int, int, int], side: int = 128) -> Image.Image:
    """Return a symbol of one colour on a ground that is transparent and of no colour."""
    large = Image.new("RGBA", (512, 512), (*color[:3], 0))
    draw = ImageDraw.Draw(large)
    match name:
        case "disc":
            draw.ellipse((100, 100, 412, 412), fill=color)
        case "square":
            draw.rectangle((100, 100, 412, 412), fill=color)
        case "ring":
            draw.ellipse((50, 50, 462, 462), outline=color, width=100)
        case "plus":
            draw.rectangle((200, 50, 312, 462), fill=color)
            draw.rectangle((50, 200, 462, 312), fill=color)
        case "cross":
            draw.line((80, 80, 432, 432), fill=color, width=64)
            draw.line((432, 80, 80, 432), fill=color, width=64)
        case "arrow":
            draw.polygon([(256, 50), (462, 462), (50, 462)], fill=color)
    return large.resize((side, side), LANCZOS)


ICONS = ("disc", "square", "ring", "plus", "cross", "arrow")
WHITE, OFF_WHITE, BLACK = (255, 255, 255, 255), (238, 240, 236, 255), (0, 0, 0, 255)


@pytest.mark.parametrize("color", [WHITE, OFF_WHITE, (255, 255, 255, 140)])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_light_drawings_on_a_transparent_ground_are_told_apart(
    color: tuple[int, int, int, int], mode: str
) -> None:
    icons = [draw_icon(name, color) for name in ICONS]
    if mode == "P":
        icons = [icon.quantize(32, Image.Quantize.FASTOCTREE) for icon in icons]
    seen = [inspect(encode_image(icon.convert(mode), "PNG")) for icon in icons]
    assert min(measure_distance(a.phash, b.phash) for a, b in combinations(seen, 2)) > 8
    assert max(one.uniformity for one in seen) < 0.9
    assert len({round(one.uniformity, 3) for one in seen}) > 4
    assert min(one.sharpness for one in seen) > 100
    assert max(one.darkness for one in seen) < 0.68


def test_a_light_drawing_stays_close_to_its_copies() -> None:
    for name in ICONS:
        original = hash_encoded(draw_icon(name, WHITE, 200))
        copies = [
            hash_encoded(draw_icon(name, WHITE, 400)),
            hash_encoded(draw_icon(name, WHITE, 100)),
            hash_encoded(draw_icon(name, WHITE, 200), "WEBP", quality=60),
            hash_encoded(draw_icon(name, OFF_WHITE, 200)),
        ]
        assert max(measure_distance(copy, original) for copy in copies) <= 6, name


def test_other_transparent_pictures_hash_as_on_a_white_page() -> None:
    """So they are near their opaque copies, which are mostly made so."""
    photograph = load_photograph().convert("RGBA").resize((200, 133))
    photograph.putalpha(Image.linear_gradient("L").resize(photograph.size))
    drawn = draw_icon("arrow", BLACK)
    gray = draw_icon("arrow", (150, 150, 150, 255))
    for picture in (photograph, drawn, gray, Image.new("RGBA", (64, 64))):
        page = Image.new("RGB", picture.size, "white")
        page.paste(picture, mask=picture.getchannel("A"))
        seen, flat = (inspect(encode_image(image, "PNG")) for image in (picture, page))
        assert measure_distance(seen.phash, flat.phash) <= 2
        assert seen.uniformity == pytest.approx(flat.uniformity, abs=0.02)


def test_opaque_pictures_hash_alike_with_and_without_an_alpha_channel() -> None:
    for name in ("coffee.png", "hubble_deep_field.jpg"):
        picture = load_photograph(name).resize((128, 96))
        assert measure_distance(hash_encoded(picture), hash_encoded(picture.convert("RGBA"))) <= 2
    for color in ("white", "black"):
        blank = Image.new("RGBA", (64, 64), color)
        assert hash_encoded(blank) == hash_encoded(blank.convert("RGB"))


def test_a_light_drawing_is_turned_upright_before_it_is_hashed() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = draw_icon("arrow", WHITE)
    upright = stored.transpose(Image.Transpose.ROTATE_270)
    turned = inspect(encode_image(stored, "PNG", exif=exif)).phash
    assert measure_distance(turned, hash_encoded(upright)) <= 2
