"""Really Simple Licensing 1.0: what a licence document permits for which part of a site.

A document names parts of a site (`content`, with a pattern as in robots.txt) and, for each,
licences with the kinds of use that they permit and prohibit. A prohibition counts before a
permission. A use that no licence mentions is not spoken of, but a licence that permits only other
uses does not permit ours. Where permission is to be paid or asked for, it is not given by the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from shared.rights.path_rules import PathPatterns, TooManyRules, split_address

MAX_BYTES = 512 * 1024
NAMESPACE = "https://rslstandard.org/rsl"
_MAX_ELEMENTS = 10_000
_MAX_EMBEDDED = 100_000  # elements of what terms stand in, as many as are read of XMP
_TRAINING = frozenset({"all", "ai-all", "ai-train", "train-ai"})
_FREE = frozenset({"", "free", "attribution"})


class RslTerms:
    """The terms of a document: origin, pattern, and if training is allowed, for each part."""

    def __init__(self, parts: Sequence[tuple[str, str, bool | None]] = ()) -> None:
        self._patterns = PathPatterns(pattern for _, pattern, _ in parts)
        self._parts = [(origin, allows) for origin, _, allows in parts]
        self.size = len(parts)

    def find(self, origin: str, path: str) -> bool | None:
        """Return whether training on what is at `path` is allowed; the most restrictive counts.

        None where nothing is said; False where there are too many patterns for this address.
        """
        try:
            matching = [self._parts[number] for number in self._patterns.find_all(path)]
        except TooManyRules:
            return False
        return combine_terms(allows for named, allows in matching if named in ("", origin))


def parse_rsl(data: bytes) -> RslTerms:
    """Return the terms that an RSL document states; none of what is no such document.

    Documents with a DTD are not read, so that no entity is ever expanded.
    """
    root = _parse(data)
    if root is None:
        return RslTerms()
    return RslTerms([_parse_content(content) for content in _find_all(root, "content")])


def read_embedded_terms(data: bytes) -> bool | None:
    """Return whether terms that stand inside of other XML (§4.7, 4.8) allow training.

    They are about what they stand in, whatever address they give it. None where nothing is said.
    """
    is_there = NAMESPACE.encode() in data
    root = _parse(data.strip(b"\0 \t\r\n"), _MAX_EMBEDDED) if is_there else None
    if root is None:
        return None
    contents = root.iter(f"{{{NAMESPACE}}}content")
    return combine_terms(_parse_content(content)[2] for content in contents)


def _parse(data: bytes, most: int = _MAX_ELEMENTS) -> Element | None:
    parser = XMLParser(target=_Builder(most))  # noqa: S314 (without entities)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, _NotRead, LookupError, ValueError):
        return None
    return root


def combine_terms(stated: Iterable[bool | None]) -> bool | None:
    """Return whether several terms together allow training: one that refuses it counts."""
    answers = set(stated)
    return False if False in answers else True if True in answers else None


class _NotRead(Exception):
    """A document that is not read to its end."""


class _Builder(TreeBuilder):
    """Build a tree of bounded size, of documents without a DTD."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def doctype(self, *_: object) -> None:
        """Stop at a DTD, which can hold entities."""
        raise _NotRead

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        """Count each element."""
        self._left -= 1
        if self._left < 0:
            raise _NotRead
        return super().start(tag, attrs)


def _find_all(parent: Element, name: str) -> Iterator[Element]:
    """Yield the children of that name, whichever namespace they are in."""
    return (child for child in parent if child.tag.rpartition("}")[2] == name)


def _parse_content(content: Element) -> tuple[str, str, bool | None]:
    origin, pattern = split_address(content.get("url", "/"))
    licences = _find_all(content, "license")
    return origin, pattern, combine_terms(_allows(licence) for licence in licences)


def _allows(licence: Element) -> bool | None:
    permitted = _collect_uses(licence, "permits")
    if _collect_uses(licence, "prohibits") & _TRAINING:
        return False
    if not permitted:
        return None
    is_free = all(payment.get("type", "") in _FREE for payment in _find_all(licence, "payment"))
    return bool(permitted & _TRAINING) and is_free


def _collect_uses(licence: Element, name: str) -> frozenset[str]:
    return frozenset(
        use
        for found in _find_all(licence, name)
        if found.get("type", "usage") == "usage"
        for use in (found.text or "").lower().replace(",", " ").split()
    )
