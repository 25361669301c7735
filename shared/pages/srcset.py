"""The files that a `srcset` offers, exactly as the HTML standard parses it (§4.8.4.3.10)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SPACE = r"\t\n\f\r "
_URL = re.compile(rf"[{_SPACE},]*+([^{_SPACE}]++)")
# Up to the comma behind a candidate, and one descriptor: between parentheses, commas and spaces
# are characters like any other.
_DESCRIPTORS = re.compile(r"(?:[^,(]++|\([^)]*+(?:\)|\Z))*+")
_DESCRIPTOR = re.compile(rf"(?:[^{_SPACE}(]++|\([^)]*+(?:\)|\Z))++")
_INTEGER = re.compile(r"[0-9]++")
_NUMBER = re.compile(r"-?+(?:[0-9]++(?:\.[0-9]++)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+")
_MAX_WIDTH = 10**9
READABLE_TYPES = frozenset(
    f"image/{name}"
    for name in ("apng", "avif", "bmp", "gif", "jpeg", "jpg", "pjpeg", "png", "tiff", "webp")
)


class ImageSource(NamedTuple):
    """One file: its width in pixels or its density, where the srcset tells one."""

    url: str
    width: int | None = None
    density: float | None = None


def parse_srcset(text: str) -> Iterator[ImageSource]:
    """Yield the candidates among which browsers choose, in order; wrong descriptors make none."""
    position = 0
    while found := _URL.match(text, position):
        url, position = found[1], found.end()
        if url.endswith(","):
            yield ImageSource(url.rstrip(","))
        elif behind := _DESCRIPTORS.match(text, position):
            position = behind.end()
            candidate = _read_descriptors(url, _DESCRIPTOR.findall(behind[0]))
            if candidate:
                yield candidate


def find_largest(candidates: Iterable[ImageSource]) -> ImageSource | None:
    """Return the first of the largest candidates, inline `data:` aside."""
    addresses = (one for one in candidates if one.url[:5].lower() != "data:")
    return max(addresses, key=_rank, default=None)


def _rank(candidate: ImageSource) -> tuple[int, float]:
    density = candidate.density
    return candidate.width or 0, 1.0 if density is None else density


def _read_descriptors(url: str, descriptors: list[str]) -> ImageSource | None:
    width: int | None = None
    density: float | None = None
    height: int | None = None  # of no use, but a reason to refuse others
    for descriptor in descriptors:
        text, unit = descriptor[:-1], descriptor[-1]
        if unit == "w" and _INTEGER.fullmatch(text) and width is density is None:
            width = _to_pixels(text)
        elif unit == "h" and _INTEGER.fullmatch(text) and height is density is None:
            height = _to_pixels(text)
        elif unit == "x" and _NUMBER.fullmatch(text) and width is density is height is None:
            density = float(text)
        else:
            return None
    is_wrong = (
        width == 0
        or height == 0
        or (height is not None and width is None)
        or (density is not None and (density < 0 or math.isinf(density)))
    )
    return None if is_wrong else ImageSource(url, width, density)


def _to_pixels(digits: str) -> int:
    """Return the number, or a great one for what nobody means."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < 10 else _MAX_WIDTH
