"""HTML and XML to tags, in time linear in their length whatever they hold.

HTML is read as the standard's tokenizer reads it (§13.2.5). Of its tree only that is followed which
decides how to read on: which elements hold nothing but text, and where SVG and MathML go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from shared.pages.foreign import ForeignContent
from shared.pages.references import unescape_attribute, unescape_text

# HTML's white space is less than what `\s` matches. Every repetition is possessive, and none fails
# once it has begun (at the end of the page, a value and a tag end too): nothing is read again.
_SPACE = r"\t\n\f\r\ "
_NAME = rf"=[^{_SPACE}/>=]*+|[^{_SPACE}/>=]++"
_EQUALS = rf"[{_SPACE}]*+=[{_SPACE}]*+"
_UNQUOTED = rf"""[^{_SPACE}>"'][^{_SPACE}>]*+"""
_TOKEN = re.compile(
    rf"""<(?:
        (?P<comment>!--)
        |(?P<data>!\[CDATA\[)
        |(?P<other>[!?]|/(?![a-zA-Z>]))
        |(?P<closing>/?)(?P<name>[a-zA-Z][^{_SPACE}/>]*+)
         (?P<rest>(?:
            [{_SPACE}/]++
            |(?:{_NAME})(?:{_EQUALS}(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|{_UNQUOTED})?+)?+
         )*+)
         (?P<end>>?)
    )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    rf"""({_NAME})(?:{_EQUALS}(?:"([^"]*+)"?|'([^']*+)'?|({_UNQUOTED}))?)?""", re.VERBOSE
)
_EMPTY_COMMENT = re.compile(r"-?>")
_COMMENT_END = re.compile(r"--!?>")
# A comment within a script may hold a script of its own (§13.2.5.17 to 31).
_SCRIPT_STEP = re.compile(
    r"(?P<open><!--(?!-*>))|(?P<close>-->)|<(?P<end>/?)script(?=[\t\n\f\r />])", re.IGNORECASE
)
_XML_DATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)

# Elements whose content is text, whatever it looks like; `noscript` is one only where scripts run.
RAW = frozenset(
    {"iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"}
)
_WITH_TEXT = frozenset({"textarea", "title"})


class Tag(NamedTuple):
    """A start or end tag; `foreign` says that it is one of SVG or MathML.

    `content` is what stands inside script, title and their like, from `end` on.
    """

    name: str
    closing: bool
    attributes: dict[str, str]
    content: str
    start: int
    end: int
    foreign: bool


class _Token(NamedTuple):
    """A tag or, without a name, whatever else `<` begins; what is behind goes on at `resume`."""

    found: re.Match[str]
    name: str
    resume: int
    foreign: bool


def read_tags(
    text: str,
    wanted: frozenset[str],
    *,
    xml: bool = False,
    raw: frozenset[str] = RAW,
    marked: re.Pattern[str] | None = None,
    on_token: Callable[[], None] | None = None,
) -> Iterator[Tag]:
    """Yield the tags of the wanted elements in order, and start tags whose attributes are `marked`.

    Names are in lower case, attribute values unescaped; of equal attributes the first one counts.
    What closes what is the caller's business. `raw` are the elements whose content is text. `xml`
    is for what is sent as XML: elements may close themselves, CDATA may stand everywhere, and the
    entities that a document declares are left alone. `on_token` is called for every tag or comment,
    and may raise to stop.
    """
    for found, name, resume, foreign in _read_tokens(text, raw, xml):
        if on_token:
            on_token()
        closing = bool(found["closing"])
        if name in wanted or (marked and name and not closing and marked.search(found["rest"])):
            attributes = {} if closing else _read_attributes(found["rest"])
            content = text[found.end() : resume]
            yield Tag(name, closing, attributes, content, found.start(), found.end(), foreign)


def read_text(markup: str) -> str:
    """Return the text of a fragment without its tags, white space made single spaces."""
    pieces: list[str] = []
    position = 0
    for found, name, resume, _ in _read_tokens(markup, RAW, xml=False):
        pieces += (markup[position : found.start()], " ")
        if name in _WITH_TEXT:
            pieces.append(markup[found.end() : resume])
        position = resume
    pieces.append(markup[position:])
    return " ".join(unescape_text("".join(pieces)).split())


def read_xml_text(markup: str) -> str:
    """Return the character data of an XML element's content, which in feeds is HTML."""
    pieces: list[str] = []
    position = 0
    for found in _XML_DATA.finditer(markup):
        pieces += (unescape_text(markup[position : found.start()]), found[1])
        position = found.end()
    return "".join((*pieces, unescape_text(markup[position:])))


def _read_tokens(text: str, raw: frozenset[str], xml: bool) -> Iterator[_Token]:
    position, foreign = 0, ForeignContent()
    while found := _TOKEN.search(text, position):
        name, position, is_foreign = (found["name"] or "").lower(), found.end(), False
        if not name:
            position = _find_end(text, found, xml, xml or foreign.may_hold_data)
        elif not found["end"]:
            return  # the end of the page cut it off, so it is no tag
        elif found["closing"]:
            foreign.end(name)
        else:
            is_empty = _closes_itself(found["rest"])
            is_foreign = not xml and foreign.start(name, is_empty, found["rest"])
            if name in raw and not is_foreign and not (xml and is_empty):
                position = _find_raw_end(text, position, name, xml)
        yield _Token(found, name, position, is_foreign)


def _find_end(text: str, found: re.Match[str], xml: bool, has_data: bool) -> int:
    """Return where a comment, CDATA or anything else that is no tag is over."""
    start = found.end()
    if found["comment"]:
        end = _EMPTY_COMMENT.match(text, start) or _COMMENT_END.search(text, start)
        return end.end() if end else len(text)
    if found["data"] and has_data:
        return _find_behind(text, "]]>", start)
    return _find_behind(text, "?>" if xml and found["other"] == "?" else ">", start)


def _find_raw_end(text: str, start: int, name: str, xml: bool) -> int:
    """Return where the end tag of an element begins whose content is text."""
    if name == "plaintext":
        return len(text)
    if name == "script" and not xml:
        return _find_script_end(text, start)
    pattern = _compile_raw_end(name, xml)
    while found := pattern.search(text, start):
        if found[0] != "<![CDATA[":
            return found.start()
        start = _find_behind(text, "]]>", found.end())
    return len(text)


def _find_script_end(text: str, start: int) -> int:
    in_comment = in_inner_script = False
    for found in _SCRIPT_STEP.finditer(text, start):
        if found["open"]:
            in_comment = True
        elif found["close"]:
            in_comment = in_inner_script = False
        elif not found["end"]:
            in_inner_script = in_comment
        elif in_inner_script:
            in_inner_script = False
        else:
            return found.start()
    return len(text)


@cache
def _compile_raw_end(name: str, xml: bool) -> re.Pattern[str]:
    end = rf"</{re.escape(name)}(?=[{_SPACE}/>])"
    return re.compile(rf"<!\[CDATA\[|{end}" if xml else end, re.IGNORECASE)


def _find_behind(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


def _closes_itself(rest: str) -> bool:
    """Return whether a tag ends in a slash that is not the end of an unquoted value."""
    if not rest.endswith("/"):
        return False
    end = 0
    for found in _ATTRIBUTE.finditer(rest):
        end = found.end()
    return end < len(rest)


def _read_attributes(rest: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(rest):
        attributes.setdefault(name.lower(), unescape_attribute(double or single or bare))
    return attributes
