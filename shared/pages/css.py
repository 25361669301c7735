"""Finds the pictures of style sheets, in time linear in their length.

Of the CSS Syntax standard only that is read which tells where addresses stand: comments, strings,
addresses and blocks. Selectors and media queries are not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from shared.pages.srcset import READABLE_TYPES

_STRING = r""""(?:[^"\\\n]++|\\.)*+["\n]?+|'(?:[^'\\\n]++|\\.)*+['\n]?+"""
_TOKEN = re.compile(
    rf"""/\*.*?(?:\*/|\Z)
    |(?P<string>{_STRING})
    |(?<![\w-])(?:url|src)\(\s*+(?:(?P<quoted>{_STRING})[^)]*+|(?P<bare>(?:[^)\\]++|\\.?+)*+))(?:\)|\Z)
    |(?P<set>(?:-webkit-)?+image-set\()
    |(?P<mark>[{{}};:(),])""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_ESCAPE = re.compile(
    r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\f\r])?|(\r\n|[\n\f\r])|(.))", re.DOTALL
)
_RESOLUTION = re.compile(r"([0-9.]{1,10})(x|dppx|dpi|dpcm)(?![\w-])", re.IGNORECASE)
_TYPE = re.compile(r"""type\(\s*+["']([^"']{0,100})""", re.IGNORECASE)
_UNITS = {"x": 1.0, "dppx": 1.0, "dpi": 1 / 96, "dpcm": 2.54 / 96}
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o)-")
# Pictures to look at, and not fonts, pointers, masks or parts of the page itself.
_PROPERTIES = frozenset(
    {"background", "background-image", "border-image", "border-image-source", "content"}
    | {"list-style", "list-style-image"}
)
_WRONG = re.compile(r"""[\s"'(]""")  # in an address without quotes
_LAST_CODE_POINT = 0x10FFFF


class _Candidate(NamedTuple):
    reference: str
    resolution: float
    is_readable: bool


def find_css_images(css: str, on_token: Callable[[], None] | None = None) -> Iterator[str]:
    """Yield the addresses of pictures in a style sheet, or in a `style` attribute, as they stand.

    Those are the images of backgrounds, borders, lists and generated content, and of properties
    of the page's own (`--name`). Of an `image-set()` it is the one of the highest resolution
    whose type can be read. `on_token` is called for every piece, and may raise to stop.
    """
    reader = _StyleReader(css)
    for found in _TOKEN.finditer(css):
        if on_token:
            on_token()
        if reference := reader.read(found):
            yield reference
    if reference := reader.close():
        yield reference


class _StyleReader:
    """The place in a style sheet that has been come to: its declaration and parentheses."""

    def __init__(self, css: str) -> None:
        self._css = css
        self._start = self._depth = 0
        self._is_shown: bool | None = None  # what the declaration's property says, once it is known
        self._set: _ImageSet | None = None

    def read(self, found: re.Match[str]) -> str | None:
        """Take in the next piece; return the address of a picture that it brings, or None."""
        mark = found["mark"]
        if found["set"] or mark == "(":
            self._depth += 1
            if found["set"] and self._is_shown and self._set is None:
                self._set = _ImageSet(self._css, self._depth)
            return None
        if mark:
            return self._read_mark(mark, found)
        reference = _read_address(found)
        if self._set is None:
            return reference if self._is_shown else None
        if reference or found["string"]:
            self._set.add(reference or _unquote(found["string"]), found.end(), self._depth)
        return None

    def close(self) -> str | None:
        """Take in the end."""
        options, self._set = self._set, None
        return options.choose(len(self._css)) if options else None

    def _read_mark(self, mark: str, found: re.Match[str]) -> str | None:
        chosen = None
        if mark == ")":
            if self._set and self._depth == self._set.depth:
                chosen, self._set = self._set.choose(found.start()), None
            self._depth = max(0, self._depth - 1)
        elif mark == ",":
            if self._set:
                self._set.end_option(found.start(), self._depth)
        elif mark == ":":
            if self._is_shown is None:
                self._is_shown = _shows(self._css[self._start : found.start()])
        elif mark != ";" or not self._depth:
            self._start, self._depth, self._is_shown, self._set = found.end(), 0, None, None
        return chosen


class _ImageSet:
    """The options of one `image-set()`, whose parenthesis is the one number `depth`."""

    def __init__(self, css: str, depth: int) -> None:
        self.depth = depth
        self._css = css
        self._options: list[_Candidate] = []
        self._reference = ""
        self._begin = 0

    def add(self, reference: str, end: int, depth: int) -> None:
        """Take in the address of an option; one that stands deeper is none."""
        if depth == self.depth and not self._reference:
            self._reference, self._begin = reference, end

    def end_option(self, position: int, depth: int) -> None:
        """Take in that an option is over."""
        if depth != self.depth:
            return
        if self._reference:
            said = self._css[self._begin : position]
            found, kind = _RESOLUTION.search(said), _TYPE.search(said)
            resolution = _to_number(found[1]) * _UNITS[found[2].lower()] if found else 1.0
            is_readable = kind is None or kind[1].strip().lower() in READABLE_TYPES
            self._options.append(_Candidate(self._reference, resolution, is_readable))
        self._reference = ""

    def choose(self, position: int) -> str | None:
        """Return the best option, if one can be read."""
        self.end_option(position, self.depth)
        readable = [option for option in self._options if option.is_readable]
        best = max(readable, key=lambda option: option.resolution, default=None)
        return best.reference if best else None


def _shows(name: str) -> bool:
    """Return whether a property holds pictures; what is before the colon may be a selector."""
    name = name[-200:].rpartition("*/")[2].strip().lower()
    return name.startswith("--") or _VENDOR.sub("", name, count=1) in _PROPERTIES


def _read_address(found: re.Match[str]) -> str:
    """Return the address of a `url()`; "" where there is none, or one within the page."""
    if found["quoted"]:
        reference = _unquote(found["quoted"])
    else:
        bare = (found["bare"] or "").strip()
        if _WRONG.search(_ESCAPE.sub("", bare)):
            return ""
        reference = _unescape(bare)
    return "" if reference.startswith("#") else reference


def _unquote(text: str) -> str:
    return _unescape(text[1:].removesuffix(text[0]))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_decode_escape, text) if "\\" in text else text


def _decode_escape(found: re.Match[str]) -> str:
    if found[1]:
        code = int(found[1], 16)
        is_character = 0 < code <= _LAST_CODE_POINT and not 0xD800 <= code <= 0xDFFF
        return chr(code) if is_character else "\ufffd"
    return found[3] or ""


def _to_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
