"""XMP packets (ISO 16684-1): the properties by which a file states whose it is, and its use.

A packet is RDF in XML. A property of the file is an attribute or a child of a `Description` right
below `RDF`; what lies deeper is said about other things, such as the pictures that this one was
made of.
"""

from collections import defaultdict
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError, XMLParser

from shared.texts import clean_line

MAX_PACKET = 16 * 1024 * 1024
MAX_TEXT = 2000  # characters that are kept of a value
_MAX_ELEMENTS = 100_000
_MAX_ITEMS = 20
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TDM = "{http://www.w3.org/ns/tdmrep"
_PREFIXES = {
    "{http://purl.org/dc/elements/1.1/}": "dc",
    "{http://ns.adobe.com/xap/1.0/rights/}": "xmpRights",
    "{http://ns.adobe.com/photoshop/1.0/}": "photoshop",
    "{http://ns.useplus.org/ldf/xmp/1.0/}": "plus",
    "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}": "Iptc4xmpExt",
    "{http://creativecommons.org/ns#}": "cc",
}
_NAMES = frozenset(
    {"cc:license", "dc:creator", "dc:rights", "Iptc4xmpExt:DigitalSourceType", "photoshop:Credit"}
    | {"plus:DataMining", "plus:OtherConstraints", "tdm:reservation"}
    | {"xmpRights:UsageTerms", "xmpRights:WebStatement"}
)


class PacketTooLarge(Exception):
    """The packet holds more than is read."""


def read_packet(packet: bytes) -> Mapping[str, list[str]]:
    """Return the values of each property, by its usual prefix and name, that a packet states.

    Of a text in several languages these are all values, that for everybody first as it is written.
    What is no XML, or stops being so, says what stands before; so does a packet with a DTD, so that
    no entity is ever expanded. Raises `PacketTooLarge`.
    """
    if len(packet) > MAX_PACKET:
        raise PacketTooLarge
    reader = _PropertyReader()
    parser = XMLParser(target=reader)  # noqa: S314 (without entities)
    try:
        parser.feed(packet.strip(b"\0 \t\r\n"))
        parser.close()
    except (ParseError, _DoctypeFound, LookupError, ValueError):
        pass
    return reader.properties


class _DoctypeFound(Exception):
    """A DTD, which can hold entities."""


class _PropertyReader:
    """Gathers the properties from the events of a parser, without a tree."""

    def __init__(self) -> None:
        self.properties: dict[str, list[str]] = defaultdict(list)
        self._left = _MAX_ELEMENTS
        self._path: list[str] = []
        self._property: str | None = None  # while inside it
        self._depth = 0  # of that property
        self._text: list[str] = []
        self._size = 0

    def doctype(self, *_: object) -> None:
        raise _DoctypeFound

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise PacketTooLarge
        self._path.append(tag)
        if self._property is not None:
            if tag == f"{_RDF}li":
                self._begin_text()
        elif self._path[-2:] == [f"{_RDF}RDF", f"{_RDF}Description"]:
            for name, value in attributes.items():
                self._add(_shorten(name), value)
        elif self._path[-3:-1] == [f"{_RDF}RDF", f"{_RDF}Description"]:
            self._property, self._depth = _shorten(tag), len(self._path)
            self._begin_text()
            self._add(self._property, attributes.get(f"{_RDF}resource", ""))

    def data(self, text: str) -> None:
        if self._property is not None and self._size < MAX_TEXT:
            self._text.append(text)
            self._size += len(text)

    def end(self, tag: str) -> None:
        if self._property is not None:
            depth = len(self._path)
            # An array is one element inside the property, its items one more (§7.5).
            if depth == self._depth or (tag == f"{_RDF}li" and depth == self._depth + 2):
                self._add(self._property, "".join(self._text))
                self._begin_text()
            if depth == self._depth:
                self._property = None
        self._path.pop()

    def close(self) -> None:
        pass

    def _begin_text(self) -> None:
        self._text, self._size = [], 0

    def _add(self, name: str, value: str) -> None:
        if name not in _NAMES:
            return
        text = clean_line(value[:MAX_TEXT])
        if text and len(self.properties[name]) < _MAX_ITEMS:
            self.properties[name].append(text)


def _shorten(name: str) -> str:
    """Return a name with its usual prefix, whatever the packet calls the namespace."""
    namespace, brace, local = name.rpartition("}")
    if namespace.startswith(_TDM):  # written with `#`, `/` or nothing at its end
        return f"tdm:{local}"
    return f"{_PREFIXES.get(namespace + brace, '')}:{local}"
