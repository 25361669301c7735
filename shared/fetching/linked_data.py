"""What a page's JSON-LD says about its images, in schema.org's words."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple


class ImageObject(NamedTuple):
    """A schema.org ImageObject: texts as they stand, addresses unresolved."""

    url: str | None
    caption: str | None
    name: str | None
    license: str | None
    attribution: str | None
    width: str | None
    height: str | None


def image_objects(text: str) -> Iterator[ImageObject]:
    """Every ImageObject in a JSON-LD document, outermost first; none when it is no JSON.

    Whom to name is schema.org's `creditText`, else the creator, else a copyright notice.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for entry in _entries(document):
        yield ImageObject(
            url=_value(entry.get("contentUrl")) or _value(entry.get("url")),
            caption=_value(entry.get("caption")) or _value(entry.get("description")),
            name=_value(entry.get("name")),
            license=_value(entry.get("license")),
            attribution=_credit(entry),
            width=_value(entry.get("width")),
            height=_value(entry.get("height")),
        )


def _entries(document: Any) -> Iterator[dict[str, Any]]:
    queue = deque([document])
    while queue:
        item = queue.popleft()
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            kind = item.get("@type")
            if "ImageObject" in (kind if isinstance(kind, list) else [kind]):
                yield item
            queue.extend(item.values())


def _credit(entry: dict[str, Any]) -> str | None:
    for key in ("creditText", "creator", "author", "copyrightHolder", "copyrightNotice"):
        value = entry.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        text = _value(value.get("name") if isinstance(value, dict) else value)
        if text:
            return text
    return None


def _value(value: Any) -> str | None:
    """The text of a value, which may be wrapped in lists and objects."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            known = [value[key] for key in ("@value", "@id", "url", "value") if key in value]
            value = known[0] if known else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
