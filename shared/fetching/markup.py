"""HTML bytes to tags, in time linear in their length whatever they hold."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.ASCII | re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What pages call Latin-1, ASCII or GB2312 is read as its superset (WHATWG Encoding standard).
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
# Python's own notations, which no page is written in.
_NOT_FOR_PAGES = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "utf-7"})

# Possessive throughout: what was passed over is never looked at again.
_TOKEN = re.compile(
    r"""<(?:!--(?:-?>|.*?(?:--!?>|\Z))
        |[!?][^>]*+>?
        |(?P<closing>/?)(?P<name>[a-zA-Z][^\t\n\f\r\ />]*+)
         (?P<rest>(?:[^>=]++|=[\t\n\f\r\ ]*+(?:"[^"]*+"?|'[^']*+'?)?+)*+)>?)""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]++)))?+"""
)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
# Elements whose content is text, whatever it looks like.
_RAW_ENDS = {
    name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}


class Tag(NamedTuple):
    """A start or end tag. `content` is the text inside script, title and their like."""

    name: str
    closing: bool
    attributes: dict[str, str]
    content: str
    start: int
    end: int


def tags(html: str, wanted: frozenset[str]) -> Iterator[Tag]:
    """The tags of the wanted elements in order; attribute names in lower case, values unescaped.

    There is no tree: what closes what is the caller's business.
    """
    position = 0
    while found := _TOKEN.search(html, position):
        position = found.end()
        name, content = (found["name"] or "").lower(), ""
        if name in _RAW_ENDS and not found["closing"]:
            close = _RAW_ENDS[name].search(html, position)
            end = close.start() if close else len(html)
            content, position = html[position:end], end
        if name in wanted:
            attributes = _attributes(found["rest"])
            yield Tag(name, bool(found["closing"]), attributes, content, found.start(), found.end())


class Candidate(NamedTuple):
    """One of a srcset's offers: its density or width to rank by, and its width in pixels."""

    url: str
    size: float
    width: int | None


def candidates(srcset: str) -> Iterator[Candidate]:
    """The offers in a srcset (HTML standard §4.8.4.2.1), in order."""
    position = 0
    while found := _CANDIDATE.match(srcset, position):
        url, position, descriptor = found[1], found.end(), ""
        if not url.endswith(","):
            comma = srcset.find(",", position)
            comma = len(srcset) if comma < 0 else comma
            descriptor, position = srcset[position:comma].strip(), comma
        number, unit = descriptor[:-1], descriptor[-1:]
        sized = number.replace(".", "", 1).isdecimal() and number.isascii() and len(number) < 9
        size = float(number) if sized and unit in ("w", "x") else 1.0
        yield Candidate(url.rstrip(","), size, int(size) if sized and unit == "w" else None)


def largest(offers: list[Candidate]) -> Candidate | None:
    """The first of the largest offers that has an address."""
    offers = [offer for offer in offers if not offer.url.lower().startswith("data:")]
    return max(offers, key=lambda offer: offer.size, default=None)


def plain_text(html: str) -> str:
    """The text of a fragment without its tags, white space made single spaces."""
    return " ".join(unescape(_TOKEN.sub(" ", html)).split())


def decode(html: bytes, content_type: str | None) -> str:
    """Text of a page by its byte order mark, else its header, else its meta, else UTF-8.

    Bytes that do not fit become U+FFFD; without any declaration, text that is no UTF-8 is read
    as Windows-1252.
    """
    for mark, name in _MARKS:
        if html.startswith(mark):
            return html[len(mark) :].decode(name, "replace")
    for declaration in (content_type or "", html[:1024].decode("latin-1")):
        found = _CHARSET.search(declaration)
        codec = _codec(found[1]) if found else None
        if codec:
            return html.decode(codec, "replace")
    try:
        return html.decode()
    except UnicodeDecodeError:
        return html.decode("cp1252", "replace")


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape("".join(values)))
    return found


def _codec(label: str) -> str | None:
    """Python's codec for a page's label, or None for one that pages cannot have."""
    try:
        name = codecs.lookup(label).name
        b"a".decode(name, "replace")  # refuses codecs that do not turn bytes into text
    except (LookupError, UnicodeError):
        return None
    if name in _NOT_FOR_PAGES:
        return None
    # Where a label could be read as ASCII, the page is not in UTF-16 (HTML standard §13.2.3.2).
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else _SUPERSETS.get(name, name)
