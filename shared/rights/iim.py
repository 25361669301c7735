"""IPTC's Information Interchange Model 4.2, as Photoshop keeps it among its image resources."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.texts import clean_line

_SIGNATURE, _IPTC = b"8BIM", 0x0404
_MARK = 0x1C
_BYLINE, _CREDIT, _NOTICE = (2, 80), (2, 110), (2, 116)
_MAX_DATASETS = 10_000
_MAX_BYTES = 2000  # of one value
_MAX_NAMES = 20


class IptcCredit(NamedTuple):
    """The names of those who made a picture, the credit they ask for, and the copyright notice."""

    creators: list[str]
    credit: str | None
    notice: str | None


def find_iptc(resources: bytes) -> bytes:
    """Return what image resources (Adobe Photoshop File Formats) hold of IPTC; empty for none."""
    position = 0
    while resources[position : position + 4] == _SIGNATURE:
        kind = int.from_bytes(resources[position + 4 : position + 6])
        name_bytes = 1 + (resources[position + 6] if position + 6 < len(resources) else 0)
        start = position + 6 + name_bytes + (name_bytes & 1)
        size = int.from_bytes(resources[start : start + 4])
        if kind == _IPTC:
            return resources[start + 4 : start + 4 + size]
        position = start + 4 + size + (size & 1)
    return b""


def read_iptc_credit(block: bytes) -> IptcCredit:
    """Return whom an IPTC block names; texts are in UTF-8, or else in Latin-1."""
    texts: dict[tuple[int, int], list[str]] = {}
    for kind, value in _read_datasets(block):
        if kind in (_BYLINE, _CREDIT, _NOTICE) and (text := _decode(value)):
            texts.setdefault(kind, []).append(text)
    return IptcCredit(
        texts.get(_BYLINE, [])[:_MAX_NAMES],
        next(iter(texts.get(_CREDIT, ())), None),
        next(iter(texts.get(_NOTICE, ())), None),
    )


def _read_datasets(block: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield records' and datasets' numbers with the values, up to one of more than 32 kB (§1.5)."""
    position = 0
    for _ in range(_MAX_DATASETS):
        head = block[position : position + 5]
        if len(head) < 5 or head[0] != _MARK or head[3] & 0x80:
            return
        size = int.from_bytes(head[3:])
        yield (head[1], head[2]), block[position + 5 : position + 5 + size]
        position += 5 + size


def _decode(value: bytes) -> str:
    """Return a text in one line; few programs say which character set they write (1:90)."""
    value = value[:_MAX_BYTES]
    try:
        return clean_line(value.decode())
    except UnicodeDecodeError:
        return clean_line(value.decode("latin-1"))
