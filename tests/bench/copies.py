"""Copies of photographs that a `leak_distance` ties to their originals, and strangers it ties too.

Of scikit-image's photographs, or those below the folder that PHOTOGRAPHS names.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import (
    Image,
    ImageDraw,
    ImageEnhance,
    ImageFilter,
    ImageFont,
    ImageOps,
    UnidentifiedImageError,
)

from tests.shared.imaging.photographs import PHOTOGRAPHS, encode_image, load_photograph

_SIDE = 480
_DISTANCES = (8, 14)
_SMALLEST = 60_000  # bytes of a file that is a photograph and no icon

Edit = Callable[[Image.Image], bytes]


def measure() -> None:
    """Print for each edit how many copies are not tied, and how large the largest group is."""
    from shared.imaging import inspect
    from shared.imaging.hashes import HALVES_LAYOUT

    looks, phashes, count = [], [], 0
    for picture in _list_pictures():
        count += 1
        for edit in (_save(quality=95), *_EDITS.values()):
            found = inspect(edit(picture), thumbnail=None)
            phashes.append(found.phash % 2**64)
            looks.append(found.phash_halves)
    shape = count, 1 + len(_EDITS)
    whole = np.array(phashes, np.uint64).reshape(shape)
    halves = np.frombuffer(b"".join(looks), HALVES_LAYOUT).reshape(shape)
    for distance in _DISTANCES:
        sizes = np.bincount(_group(whole[:, 0], halves[:, 0], distance))
        print(
            f"  leak_distance {distance}: {count} pictures in {np.count_nonzero(sizes)} groups,"
            f" {sizes.max()} ({sizes.max() / count:.1%}) in the largest"
        )
        for number, name in enumerate(_EDITS, 1):
            pairs = [0, number]
            roots = [
                _group(whole[one, pairs], halves[one, pairs], distance) for one in range(count)
            ]
            apart = sum(bool(one[1]) for one in roots)
            print(f"    {apart} of {count} ({apart / count:.1%}) not tied: {name}")


def _group(hashes: NDArray[Any], halves: NDArray[Any], distance: int) -> NDArray[Any]:
    """Return the first picture of each one's group."""
    from shared.splitting.grouping import group_images
    from shared.splitting.images import PLAIN, find_noise, find_plain
    from tests.shared.splitting.building import make_images

    is_noise = find_noise(halves["flips"])
    keys = {PLAIN: find_plain(is_noise).astype(int).tolist()}
    images = make_images(hashes, halves=halves["hashes"].T.astype(np.uint64), keys=keys)
    images.has_half[:] = ~is_noise[:, 1:].T
    return group_images(images, distance).roots


def _list_pictures() -> Iterator[Image.Image]:
    folder = os.environ.get("PHOTOGRAPHS")
    if not folder:
        for name in PHOTOGRAPHS:
            yield _fit(load_photograph(name))
        return
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > _SMALLEST:
            try:
                with Image.open(path) as image:
                    yield _fit(image)
            except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
                continue


def _fit(image: Image.Image) -> Image.Image:
    image.draft("RGB", (2 * _SIDE, 2 * _SIDE))
    image = ImageOps.exif_transpose(image).convert("RGB")
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return image


def _save(kind: str = "JPEG", **options: int) -> Edit:
    return lambda one: encode_image(one, kind, **options)


def _edit(change: Callable[[Image.Image], Image.Image], quality: int = 85) -> Edit:
    return lambda one: encode_image(change(one), "JPEG", quality=quality)


def _scale(by: float, quality: int = 85) -> Edit:
    return _edit(lambda one: ImageOps.scale(one, by, Image.Resampling.LANCZOS), quality)


def _crop(share: float) -> Edit:
    """Cut a share of the longer side off each side."""
    return _edit(lambda one: ImageOps.crop(one, max(1, int(max(one.size) * share))))


def _cut_corner(one: Image.Image) -> Image.Image:
    return one.crop((0, 0, int(one.width * 0.96), int(one.height * 0.96)))


def _write(one: Image.Image, size: int = 14, strength: int = 255) -> Image.Image:
    mask = Image.new("L", one.size)
    place = one.width * 0.7, one.height * 0.93 - size / 2
    font = ImageFont.load_default(size)
    ImageDraw.Draw(mask).text(place, "example.org", strength, font)
    return Image.composite(Image.new("RGB", one.size, "white"), one, mask)


def _write_smaller(one: Image.Image) -> Image.Image:
    return _write(ImageOps.scale(one, 0.5), 10)


def _stamp(one: Image.Image) -> Image.Image:
    mask = Image.new("L", one.size)
    side = 0.08 * max(one.size)
    right, bottom = one.width - 0.3 * side, one.height - 0.3 * side
    ImageDraw.Draw(mask).ellipse((right - side, bottom - side, right, bottom), 160)
    return Image.composite(Image.new("RGB", one.size, "white"), one, mask)


def _add_bar(one: Image.Image) -> Image.Image:
    taller = Image.new("RGB", (one.width, round(one.height * 1.08)))
    taller.paste(one)
    place = 8, one.height + 2
    ImageDraw.Draw(taller).text(place, "A caption", "white", ImageFont.load_default(14))
    return taller


_EDITS: dict[str, Edit] = {
    **{f"JPEG at quality {quality}": _save(quality=quality) for quality in (75, 60, 40)},
    **{f"WebP at quality {quality}": _save("WEBP", quality=quality) for quality in (80, 50)},
    "PNG": _save("PNG"),
    **{f"scaled by {by}": _scale(by) for by in (0.25, 0.5, 2)},
    "grey": _edit(ImageOps.grayscale),
    "blurred by a pixel": _edit(lambda one: one.filter(ImageFilter.GaussianBlur(1))),
    "20 % brighter": _edit(lambda one: ImageEnhance.Brightness(one).enhance(1.2)),
    "20 % darker": _edit(lambda one: ImageEnhance.Brightness(one).enhance(0.8)),
    "30 % more contrast": _edit(lambda one: ImageEnhance.Contrast(one).enhance(1.3)),
    "20 % less contrast": _edit(lambda one: ImageEnhance.Contrast(one).enhance(0.8)),
    "a white text in a corner": _edit(_write),
    "a pale text in a corner": _edit(lambda one: _write(one, 18, 120)),
    "half the size with a text, at quality 60": _edit(_write_smaller, 60),
    "a disc in a corner": _edit(_stamp),
    **{f"{share:.0%} off each side": _crop(share) for share in (0.01, 0.02, 0.05)},
    "4 % off two sides": _edit(_cut_corner),
    "a caption bar below": _edit(_add_bar),
}
