"""The attributes beside `src` and `srcset` in which pages name pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from shared.pages.css import find_css_images
from shared.pages.markup import Tag
from shared.pages.srcset import READABLE_TYPES, find_largest, parse_srcset

# Attributes by which scripts put off loading: an address, or a set of them.
_LAZY = (
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url", "data-lazyload"),
    *(
        "data-original-src",
        "data-actualsrc",
        "data-echo",
        "data-defer-src",
        "data-flickity-lazyload",
    ),
    *("data-flickity-lazyload-src", "data-lazy-img", "data-ks-lazyload", "data-hi-res-src"),
    *("data-src-retina", "data-retina", "data-image", "data-img"),
)
_LAZY_BACKGROUNDS = (
    *("data-bg", "data-background", "data-background-image", "data-bg-src", "data-bg-image"),
    *("data-bg-url", "data-lazy-background", "data-image-src"),
)
_LAZY_BACKGROUND_SETS = ("data-bgset", "data-bg-set")
# What may hold a background, in any element's tag.
MAY_HOLD_BACKGROUND = re.compile(
    r"url\(|image-set\(|background|data-bg|data-image-src", re.IGNORECASE
)
_WITH_BACKGROUND = frozenset(
    {"body", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}  # HTML standard §15.3
)
_PLACEHOLDER = re.compile(r"[{}]|%7[bd]", re.IGNORECASE)  # for a script to fill in
_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff")


def find_lazy_source(attributes: Mapping[str, str]) -> str | None:
    """Return the address that a script would load in place of an `img`'s `src`, or None."""
    for name in _LAZY:
        value = attributes.get(name, "").strip()
        if value and not _PLACEHOLDER.search(value) and value[:1] not in "[{<":
            return value
    return None


def find_backgrounds(tag: Tag, on_token: Callable[[], None]) -> Iterator[str]:
    """Yield the addresses of an element's backgrounds, as they stand in its attributes."""
    given = tag.attributes
    if style := given.get("style"):
        yield from find_css_images(style, on_token)
    if tag.name in _WITH_BACKGROUND and given.get("background"):
        yield given["background"]
    for name in _LAZY_BACKGROUNDS:
        value = given.get(name, "").strip()
        if "(" in value:
            yield from find_css_images(f"background:{value}", on_token)
        elif _names_file(value):
            yield value
    for name in _LAZY_BACKGROUND_SETS:
        if name in given and (largest := find_largest(parse_srcset(given[name]))):
            yield largest.url


def find_poster(attributes: Mapping[str, str]) -> str | None:
    """Return the picture of a video that does not play yet."""
    return attributes.get("poster") or attributes.get("data-poster")


def find_embedded(tag: Tag) -> str | None:
    """Return the picture that an `embed`, `object` or `input` shows, or None if it shows none."""
    given = tag.attributes
    if tag.name == "input":
        return given.get("src") if given.get("type", "").strip().lower() == "image" else None
    reference = given.get("data" if tag.name == "object" else "src")
    kind = _find_type(given)
    shows = kind in READABLE_TYPES if kind else bool(reference) and is_image_file(reference or "")
    return reference if shows else None


def find_preloaded(attributes: Mapping[str, str]) -> str | None:
    """Return the picture that a `link` loads ahead, the largest of its set; None if unreadable."""
    kind = _find_type(attributes)
    if attributes.get("as", "").strip().lower() != "image" or (kind and kind not in READABLE_TYPES):
        return None
    largest = find_largest(parse_srcset(attributes.get("imagesrcset", "")))
    return largest.url if largest else attributes.get("href")


def is_image_file(url: str) -> bool:
    """Return whether a link's last segment is an image file's name, not a wiki's `File:cat.jpg`."""
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2].lower()
    return name.endswith(_EXTENSIONS) and ":" not in name and "%3a" not in name


def _names_file(value: str) -> bool:
    """Return whether a value is an address and no color, number or JSON."""
    is_plain = not _PLACEHOLDER.search(value) and not any(map(str.isspace, value))
    return is_plain and ("/" in value or is_image_file(value)) and value[:1] not in "[<"


def _find_type(attributes: Mapping[str, str]) -> str:
    return attributes.get("type", "").partition(";")[0].strip().lower()
