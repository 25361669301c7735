"""Reads what a page's JSON-LD says about its images, in schema.org's words."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from shared.pages.places import is_image_file
from shared.pages.references import unescape_attribute, unescape_text

# A string, to pass over; and what sites write around and between values although JSON has no such.
_STRING = r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_MARK = r"<!--|-->|<!\[CDATA\[|\]\]>"
_COMMENT = re.compile(
    rf"({_STRING})|{_MARK}|/\*[ ]*+(?:{_MARK})[ ]*+\*/|//[ \t]*+(?:{_MARK})"
    r"|/\*.*?(?:\*/|\Z)|//[^\n]*+",
    re.DOTALL,
)
_COMMAS = re.compile(rf"({_STRING})|[,;][\s,;]*+([\]}}])?", re.DOTALL)
_WRONG_ESCAPE = re.compile(r"""\\(?:(["\\/bfnrtu])|(.))""", re.DOTALL)
_BETWEEN_DOCUMENTS = re.compile(r"[\s;,\ufeff]*+")
# Takes line breaks inside strings, and NaN for nothing.
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
# Names may be addresses, or stand behind a prefix.
_VOCABULARY = re.compile(r"\A(?:https?://(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)
_IDENTIFIERS = ("#", "_:")  # of what stands elsewhere in the page
_PICTURES = ("image", "thumbnailUrl", "thumbnail", "primaryImageOfPage", "photo")
# Some sites write a name where an address is due.
_ADDRESS = re.compile(r"\s*+(?:https?:|\.{0,2}/)\S*+\s*+\Z", re.IGNORECASE)
_MAX_WRAPPING = 4  # lists and objects around one value


class ImageObject(NamedTuple):
    """A schema.org ImageObject: texts as they stand, addresses unresolved."""

    url: str | None
    caption: str | None
    name: str | None
    license: str | None
    attribution: str | None
    width: str | None
    height: str | None


def read_image_objects(text: str) -> Iterator[ImageObject]:
    """Yield every picture in a JSON-LD script, outermost first; none where it is no JSON.

    Those are objects of the type ImageObject, and what others name as their image.

    Comments, CDATA, needless commas and semicolons, line breaks and character references in strings
    and several documents in one script are read as they are meant. Whom to name is schema.org's
    `creditText`, else the creator, else a copyright notice.
    """
    objects = list(_find_objects(_read_documents(text)))
    known: dict[str, dict[str, Any]] = {}
    for one in objects:
        if "@id" in one:
            known.setdefault(str(one["@id"]), {}).update(one)
    for entry in objects:
        if "ImageObject" in entry["@type"]:
            yield _read_object(entry, known)
        for picture in _list_pictures(entry):
            yield _read_object(picture, known)


def _read_object(entry: dict[str, Any], known: dict[str, dict[str, Any]]) -> ImageObject:
    return ImageObject(
        url=_read_value(entry.get("contentUrl")) or _read_value(entry.get("url")),
        caption=_read_value(entry.get("caption")) or _read_value(entry.get("description")),
        name=_read_value(entry.get("name")),
        license=_read_license(entry, known),
        attribution=_read_credit(entry, known),
        width=_read_value(entry.get("width")),
        height=_read_value(entry.get("height")),
    )


def _list_pictures(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the pictures that an object names by their address alone, or without their type."""
    for name in _PICTURES:
        value = entry.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and (_ADDRESS.match(one) or is_image_file(one.strip())):
                yield {"url": one}
            elif isinstance(one, dict) and "@type" not in (picture := _strip_vocabulary(one)):
                yield picture


def _read_documents(text: str) -> list[Any]:
    """Return the JSON documents in a script; those before the first that is none."""
    try:
        return [_DECODER.decode(text)]
    except (ValueError, RecursionError):
        pass
    if '"' not in text:
        text = unescape_text(text)  # written into an attribute's or a text's form
    text = _COMMENT.sub(lambda found: found[1] or " ", text)
    text = _COMMAS.sub(_mend, text)
    documents: list[Any] = []
    try:
        position = _skip(text, 0)
        while position < len(text):
            document, position = _DECODER.raw_decode(text, position)
            documents.append(document)
            position = _skip(text, position)
    except (ValueError, RecursionError):
        pass
    return documents


def _skip(text: str, position: int) -> int:
    found = _BETWEEN_DOCUMENTS.match(text, position)
    return found.end() if found else position


def _mend(found: re.Match[str]) -> str:
    """Return a string or commas as JSON has them.

    In a string, a backslash before other than JSON's letters means nothing.
    """
    string: str | None = found[1]
    if not string:
        return found[2] or ","
    if "\\" not in string:
        return string
    return _WRONG_ESCAPE.sub(lambda escape: escape[0] if escape[1] else escape[2], string)


def _find_objects(documents: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects in documents, outermost first; `@type` is a list of plain names in each."""
    queue = deque(documents)
    while queue:
        item = queue.popleft()
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            queue.extend(item.values())
            entry = _strip_vocabulary(item)
            kinds = entry.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            entry["@type"] = [_VOCABULARY.sub("", kind) for kind in kinds if isinstance(kind, str)]
            yield entry


def _strip_vocabulary(item: dict[str, Any]) -> dict[str, Any]:
    return {_VOCABULARY.sub("", name): value for name, value in item.items()}


def _read_license(entry: dict[str, Any], known: dict[str, dict[str, Any]]) -> str | None:
    """Return the licence's address or name; what stands elsewhere is looked up by `@id`."""
    text = _read_value(entry.get("license"))
    if text is None:
        return None
    elsewhere = _read_value(known.get(text, {}).get("url"))
    return elsewhere or (None if text.startswith(_IDENTIFIERS) else text)


def _read_credit(entry: dict[str, Any], known: dict[str, dict[str, Any]]) -> str | None:
    """Return whom to name; who stands elsewhere in the page is looked up by `@id`."""
    for key in ("creditText", "creator", "author", "copyrightHolder", "copyrightNotice"):
        value = entry.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            person = _strip_vocabulary(value)
            name = person.get("name") or person.get("@value")
            value = name or known.get(str(person.get("@id")), {}).get("name")
        text = _read_value(value)
        if text:
            return text
    return None


def _read_value(value: Any) -> str | None:
    """Return the text of a value, which may be wrapped in lists and objects.

    Character references in it are replaced: many sites write what they have escaped for HTML.
    """
    for _ in range(_MAX_WRAPPING):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            known = [value[key] for key in ("@value", "@id", "url", "value") if key in value]
            value = known[0] if known else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return unescape_attribute(value) if isinstance(value, str) else None
