"""Chooses the file of a `picture` element to fetch: the largest that can be decoded."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.pages.srcset import READABLE_TYPES, ImageSource, find_largest, parse_srcset

_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
# What keeps a media query from holding on a large and dense light screen.
_NOT_ON_LARGE_SCREENS = re.compile(
    r"max-|(?:width|height|ratio|resolution)\s*+<|>=?+\s*+(?:device-)?+(?:width|height)"
    r"|\b(?:dark|monochrome|none|portrait|print|reduce|speech)\b"
)
_NOT = re.compile(r"\s*+not\b")


class Picture:
    """The best that the sources of one `picture` offer, whatever their number.

    Of files whose width is told the largest is taken, as art direction gives each screen a file of
    its own. Of others it is the one that a browser on a large screen would take.
    """

    def __init__(self) -> None:
        self._largest: ImageSource | None = None
        self._pixels = 0.0
        self._first_shown: ImageSource | None = None

    def add_source(self, attributes: Mapping[str, str]) -> None:
        """Take in a `source` element; one of a type that we cannot read counts for nothing."""
        essence = attributes.get("type", "").partition(";")[0].strip().lower()
        candidate = find_candidate(attributes)
        if candidate is None or (essence and essence not in READABLE_TYPES):
            return
        self._compare(candidate, attributes)
        media = attributes.get("media", "")
        if self._first_shown is None and _holds_on_large_screens(media):
            self._first_shown = candidate

    def choose(self, attributes: Mapping[str, str]) -> ImageSource | None:
        """Return the file to fetch for the `img` of the picture, or None for its `src`."""
        own = find_candidate(attributes)
        if own and own.width:
            self._compare(own, attributes)
        return self._largest or self._first_shown or own

    def _compare(self, candidate: ImageSource, attributes: Mapping[str, str]) -> None:
        width, height = (read_pixels(attributes.get(name)) for name in ("width", "height"))
        wide = candidate.width or (width or 0) * (candidate.density or 1.0)
        pixels = wide * wide * (height / width if width and height else 1.0)
        if pixels > self._pixels:
            self._largest, self._pixels = candidate, pixels


def find_candidate(attributes: Mapping[str, str]) -> ImageSource | None:
    """Return the largest file that an `img` or `source` offers in its sets."""
    sets = (attributes[name] for name in _SETS if name in attributes)
    return find_largest(candidate for text in sets for candidate in parse_srcset(text))


def read_pixels(value: str | None) -> int | None:
    """Return a declared width or height in pixels.

    None for what is no such number, and for 0 and 1: sites declare these of pictures whose size
    their style sheet decides.
    """
    text = (value or "").strip().removesuffix("px")
    pixels = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return pixels if pixels > 1 else None


def _holds_on_large_screens(media: str) -> bool:
    """Return whether one of a list of media queries holds on a large, dense, light screen."""
    return any(
        bool(_NOT.match(query)) is bool(_NOT_ON_LARGE_SCREENS.search(query))
        for query in media.lower().split(",")
    )
