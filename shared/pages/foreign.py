"""Tracks where SVG and MathML begin and end within a page (HTML standard §13.2.6.5).

Inside them a `title` or `style` is an element like any other and may close itself; in HTML the same
names begin text that only their end tag ends.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

_ROOTS = frozenset({"math", "svg"})
# Elements of theirs inside which HTML goes on.
_INTEGRATION_POINTS = {
    "math": frozenset({"mi", "mn", "mo", "ms", "mtext"}),
    "svg": frozenset({"desc", "foreignobject", "title"}),
}
_HTML_ENCODING = re.compile(
    r"""encoding\s*=\s*["']?(?:text/html|application/xhtml\+xml)(?=["'\s/>]|\Z)""", re.IGNORECASE
)
# HTML's start tags that end both.
_BREAKOUTS = frozenset(
    {"b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em"}
    | {"embed", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing"}
    | {"menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike"}
    | {"sub", "sup", "table", "tt", "u", "ul", "var"}
)
_FONT_BREAKOUT = re.compile(r"(?:\A|[\s/])(?:color|face|size)(?=[\s=/>]|\Z)", re.IGNORECASE)


class _Element(NamedTuple):
    name: str
    root: str  # svg or math
    holds_html: bool


class ForeignContent:
    """The open elements of SVG and MathML, and which of HTML seem to be open around them."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._counts: Counter[str] = Counter()
        self._html: Counter[str] = Counter()

    @property
    def holds_anything(self) -> bool:
        """True when an element is open, so that CDATA may stand here."""
        return bool(self._open)

    @property
    def is_open(self) -> bool:
        """True when the next token is read by the rules of SVG and MathML."""
        return bool(self._open) and not self._open[-1].holds_html

    def start(self, name: str, is_empty: bool, rest: str) -> bool:
        """Take in a start tag; return whether it is one of SVG or MathML.

        `is_empty` says that it closes itself, `rest` holds its attributes.
        """
        if self.is_open and (name in _BREAKOUTS or _breaks_out(name, rest)):
            self._leave()
        if name not in _ROOTS and not self.is_open:
            self._html[name] += 1
            return False
        if not is_empty:
            root = self._open[-1].root if self.is_open else name
            self._open.append(_Element(name, root, _holds_html(name, root, rest)))
            self._counts[name] += 1
        return True

    def end(self, name: str) -> None:
        """Take in an end tag."""
        if self._counts[name]:
            while self._pop() != name:
                pass
        elif self._html[name] > 0:
            # It ends an element around, and all that is open inside goes with it.
            self._leave()
            self._html[name] -= 1
        elif self.is_open and name in ("br", "p"):
            self._leave()

    def _leave(self) -> None:
        while self.is_open:
            self._pop()

    def _pop(self) -> str:
        name = self._open.pop().name
        self._counts[name] -= 1
        return name


def _breaks_out(name: str, rest: str) -> bool:
    return name == "font" and _FONT_BREAKOUT.search(rest) is not None


def _holds_html(name: str, root: str, rest: str) -> bool:
    if name == "annotation-xml" and root == "math":
        return _HTML_ENCODING.search(rest) is not None
    return name in _INTEGRATION_POINTS[root]
