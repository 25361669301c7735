"""Concise Binary Object Representation (RFC 8949), as much of it as assertions are made of."""

import struct

_MAX_DEPTH = 16
_MAX_ITEMS = 10_000
_INDEFINITE = 31
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE = {20: False, 21: True}
_BREAK = object()


class NotCbor(ValueError):
    """The bytes are no CBOR, or more of it than is read."""


class TooManyItems(NotCbor):
    """The bytes hold more items, or deeper ones, than are read."""


def parse_cbor(data: bytes) -> object:
    """Return the first item: maps as dicts, of other keys than texts without these, tags dropped.

    Raises `NotCbor`, and `TooManyItems` where they are nested deeper than 16 or more than 10,000.
    """
    try:
        return _Reader(data).read(0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise NotCbor(str(error)) from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._left = _MAX_ITEMS

    def read(self, depth: int) -> object:
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            raise TooManyItems("too many items")
        head = self._take(1)[0]
        major, info = head >> 5, head & 31
        if major == 7:
            return self._read_simple(info)
        number = None if info == _INDEFINITE else self._read_number(info)
        match major:
            case 2 | 3:
                text = self._read_string(number, depth)
                return text.decode() if major == 3 else text
            case 4:
                return list(self._read_items(number, depth))
            case 5:
                items = self._read_items(None if number is None else 2 * number, depth)
                pairs = zip(items[::2], items[1::2], strict=False)
                return {key: value for key, value in pairs if isinstance(key, str)}
            case 6:
                return self.read(depth + 1)
            case _:
                return -1 - (number or 0) if major else number

    def _read_number(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise NotCbor("a length of no kind")
        return int.from_bytes(self._take(1 << info - 24))

    def _read_string(self, size: int | None, depth: int) -> bytes:
        if size is not None:
            return self._take(size)
        pieces = self._read_items(None, depth)
        return b"".join(piece.encode() if isinstance(piece, str) else b"" for piece in pieces)

    def _read_items(self, number: int | None, depth: int) -> list[object]:
        items: list[object] = []
        while number is None or len(items) < number:
            item = self.read(depth + 1)
            if item is _BREAK:
                break
            items.append(item)
        return items

    def _read_simple(self, info: int) -> object:
        if info in _FLOATS:
            (value,) = struct.unpack(_FLOATS[info], self._take(1 << info - 24))
            return value
        if info == _INDEFINITE:
            return _BREAK
        if info == 24:
            self._take(1)
        return _SIMPLE.get(info)

    def _take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._data):
            raise NotCbor("the bytes end within an item")
        taken = self._data[self._position : end]
        self._position = end
        return taken
