"""`python -m infra.site.distances`: draws what distances of perceptual hashes look like."""

import io
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, starmap

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from infra.demo.site import PHOTOS, open_photo
from infra.site.markdown import render_table
from infra.site.pages import ROOT
from shared.imaging import inspect

PICTURE = ROOT / "docs" / "pictures" / "distances.webp"
_SHOWN = "chelsea.png"
_SIZE, _COLUMNS, _CAPTION = (225, 150), 4, 42  # pixels, pictures in a row, pixels
Change = Callable[[Image.Image], Image.Image]


def _crop(share: float) -> Change:
    def crop(picture: Image.Image) -> Image.Image:
        x, y = (round(side * share / 2) for side in picture.size)
        return picture.crop((x, y, picture.width - x, picture.height - y))

    return crop


def _write(picture: Image.Image) -> Image.Image:
    changed = picture.copy()
    corner = (picture.width * 0.62, picture.height * 0.88)
    ImageDraw.Draw(changed).text(corner, "example.org", "white", font_size=picture.height / 14)
    return changed


def _turn(degrees: float) -> Change:
    return lambda picture: picture.rotate(degrees, Image.Resampling.BICUBIC)


CHANGES: dict[str, Change] = {
    "half as large": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "JPEG of quality 10": lambda picture: Image.open(io.BytesIO(_encode(picture, quality=10))),
    "grey": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "brighter by 40 %": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(picture.width / 100)),
    "a name in the corner": _write,
    "2 % cut off": _crop(0.02),
    "10 % cut off": _crop(0.10),
    "turned by 2°": _turn(2),
    "mirrored": ImageOps.mirror,
}


def measure(change: str, photo: str) -> int:
    """Return by how many bits of 64 a change moves the hash of one of the demo's photographs."""
    original = open_photo(photo)
    return _compare(original, CHANGES[change](original))


def measure_strangers() -> list[int]:
    """Return the two least distances of two different photographs of the demo."""
    hashes = [_hash(open_photo(photo)) for photo in PHOTOS]
    return sorted(starmap(_count, combinations(hashes, 2)))[:2]


def render_distances() -> str:
    """Return the table of the page."""
    rows = []
    for change in CHANGES:
        bits = {photo: measure(change, photo) for photo in PHOTOS}
        shown = bits[_SHOWN]
        rows.append((change, f"{shown}", f"{min(bits.values())} to {max(bits.values())}"))
    return render_table(("what was changed", "the cat", f"{len(PHOTOS)} photographs"), rows)


def draw() -> Image.Image:
    """Return the cat, unchanged and changed, with its distances written below."""
    original = open_photo(_SHOWN)
    cells = [
        ("as it is", original),
        *((name, change(original)) for name, change in CHANGES.items()),
    ]
    width, height = _SIZE[0], _SIZE[1] + _CAPTION
    lines = -(-len(cells) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * width, lines * height), "white")
    pen = ImageDraw.Draw(sheet)
    for place, (name, picture) in enumerate(cells):
        left, top = place % _COLUMNS * width, place // _COLUMNS * height
        small = ImageOps.contain(picture, (width - 8, _SIZE[1] - 4))
        sheet.paste(small, (left + 4, top + 4))
        bits = _compare(original, picture)
        pen.text((left + 6, top + _SIZE[1] + 2), name, "black", font_size=15)
        pen.text((left + 6, top + _SIZE[1] + 20), f"{bits} bits", "#555555", font_size=15)
    return sheet


def _compare(one: Image.Image, other: Image.Image) -> int:
    return _count(_hash(one), _hash(other))


def _count(one: int, other: int) -> int:
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def _hash(picture: Image.Image) -> int:
    return _inspect(_encode(picture, quality=92))


@cache
def _inspect(data: bytes) -> int:
    return inspect(data).phash


def _encode(picture: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "jpeg", quality=quality)
    return buffer.getvalue()


def _list_lines() -> Iterator[str]:
    yield render_distances()
    yield f"two different photographs: {measure_strangers()} bits"


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    draw().save(PICTURE, quality=70)
    print("\n".join(_list_lines()))
