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
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
# What is passed over outside a table, and gone with it.
_TABLE_PARTS = frozenset(
    {"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
_FONT_BREAKOUT = re.compile(r"(?:\A|[\s/])(?:color|face|size)(?=[\s=/>]|\Z)", re.IGNORECASE)


class _Element(NamedTuple):
    name: str
    root: str  # svg or math
    html: _OpenHtml | None  # what is open of HTML inside, where that goes on inside


class _OpenHtml:
    """Elements of HTML that seem to be open within the page, or within one element of SVG."""

    __slots__ = ("_counts", "count")

    def __init__(self) -> None:
        self.count = 0
        self._counts: dict[str, int] = {}

    def start(self, name: str) -> None:
        """Take in a start tag."""
        if name in _VOID or (name in _TABLE_PARTS and not self._counts.get("table")):
            return
        self.count += 1
        self._counts[name] = self._counts.get(name, 0) + 1

    def end(self, name: str) -> bool:
        """Take in an end tag; return whether it closes something."""
        if not self._counts.get(name):
            return False
        self.count -= 1
        self._counts[name] -= 1
        if name == "table" and not self._counts[name]:
            for part in _TABLE_PARTS:
                self.count -= self._counts.pop(part, 0)
        return True


class ForeignContent:
    """The open elements of SVG and MathML, and which of HTML seem to be open around them."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._counts: Counter[str] = Counter()
        self._html = [_OpenHtml()]

    @property
    def may_hold_data(self) -> bool:
        """True when the innermost open element is of SVG or MathML, where CDATA may stand."""
        return bool(self._open) and (self.is_open or not self._html[-1].count)

    @property
    def is_open(self) -> bool:
        """True when the next token is read by the rules of SVG and MathML."""
        return bool(self._open) and self._open[-1].html is None

    def start(self, name: str, is_empty: bool, rest: str) -> bool:
        """Take in a start tag; return whether it is one of SVG or MathML.

        `is_empty` says that it closes itself, `rest` holds its attributes.
        """
        if self.is_open and (name in _BREAKOUTS or _breaks_out(name, rest)):
            self._leave()
        if name not in _ROOTS and not self.is_open:
            self._html[-1].start(name)
            return False
        if not is_empty:
            root = self._open[-1].root if self.is_open else name
            html = _OpenHtml() if _holds_html(name, root, rest) else None
            self._open.append(_Element(name, root, html))
            self._counts[name] += 1
            if html:
                self._html.append(html)
        return True

    def end(self, name: str) -> None:
        """Take in an end tag."""
        if not self.is_open and (self._html[-1].end(name) or self._html[-1].count):
            return
        if self._counts[name]:
            while self._pop() != name:
                pass
        elif self._html[-1].end(name) or (self.is_open and name in ("br", "p")):
            # It ends an element around, and all that is open inside goes with it.
            self._leave()

    def _leave(self) -> None:
        while self.is_open:
            self._pop()

    def _pop(self) -> str:
        name, _, html = self._open.pop()
        if html:
            self._html.pop()
        self._counts[name] -= 1
        return name


def _breaks_out(name: str, rest: str) -> bool:
    return name == "font" and _FONT_BREAKOUT.search(rest) is not None


def _holds_html(name: str, root: str, rest: str) -> bool:
    if name == "annotation-xml" and root == "math":
        return _HTML_ENCODING.search(rest) is not None
    return name in _INTEGRATION_POINTS[root]
