"""The sizes that pages of a Parquet file declare, looked at before anything is unpacked.

https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift, in the compact
protocol of Thrift: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from shared.manifests.limits import ManifestError

_MAX_PAGES = 192 * 1024 * 1024  # bytes that one page of each column may take together
_MAX_GROWING = 16 * 1024 * 1024  # the same of columns whose texts may grow with every row
_MAX_HEADER = 1024 * 1024
_MAX_DEPTH = 8
_UNPACKED, _PACKED = 2, 3  # fields of a page's header
_DATA_PAGE, _DATA_PAGE_V2, _ENCODING, _ENCODING_V2 = 5, 8, 2, 4
_DICTIONARIES, _GROWING = {2, 8}, {7}  # PLAIN_DICTIONARY, RLE_DICTIONARY; DELTA_BYTE_ARRAY
_LENGTHS = "DELTA_LENGTH_BYTE_ARRAY"
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class PageGuard(io.RawIOBase):
    """A file that raises `ManifestError` while a page is read that is too large.

    Columns are read from front to back, so the header of each page passes before its content.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._columns: list[_Column] = []

    def watch(self, chunks: Sequence[Any]) -> None:
        """Look at the pages of these column chunks (`pyarrow.parquet.ColumnChunkMetaData`)."""
        self._columns = [_Column(chunk) for chunk in chunks]

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; return the place."""
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._source.tell()

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes once the headers of pages in them have been looked at."""
        start = self._source.tell()
        data = self._source.read(size)
        for column in self._columns:
            column.look(start, data)
        if (
            sum(column.largest for column in self._columns) > _MAX_PAGES
            or sum(one.largest for one in self._columns if one.grows) > _MAX_GROWING
        ):
            raise ManifestError("too_large", "its pages are too large; write smaller ones")
        return data


def is_growing(encodings: Sequence[str]) -> bool:
    """Return whether texts of so encoded pages may be far longer than the pages are.

    A text may repeat the whole of the one before it, or an entry of the dictionary. The latter does
    no harm where Arrow keeps dictionaries, which it does but with these lengths.
    """
    return "DELTA_BYTE_ARRAY" in encodings or (
        _LENGTHS in encodings and any("DICTIONARY" in one for one in encodings)
    )


def keeps_dictionary(encodings: Sequence[str]) -> bool:
    """Return whether Arrow can give texts of so encoded pages as a dictionary."""
    return "DELTA_BYTE_ARRAY" not in encodings and _LENGTHS not in encodings


class _Column:
    """The pages of one column, as far as they have been read."""

    def __init__(self, chunk: Any) -> None:
        start = chunk.data_page_offset
        if chunk.has_dictionary_page and 0 < (first := chunk.dictionary_page_offset) < start:
            start = first
        self.largest = 0  # bytes of a page, packed and unpacked
        self._next = start  # offset of the next page's header
        self._end = start + chunk.total_compressed_size
        self._header = b""  # what has been read of it
        self.grows = is_growing(chunk.encodings)
        lacks_dictionary = _LENGTHS in chunk.encodings
        self._refused = _GROWING | _DICTIONARIES if lacks_dictionary else _GROWING

    def look(self, start: int, data: bytes) -> None:
        """Take the headers out of bytes that begin at an offset of the file."""
        end = start + len(data)
        while start <= (place := self._next + len(self._header)) < min(end, self._end):
            header = self._header + data[place - start : place - start + _MAX_HEADER]
            try:
                found, length = _read_struct(header, 0, 0)
            except IndexError:
                if len(header) >= _MAX_HEADER:
                    raise ManifestError("damaged", "the header of a page is too large") from None
                self._header = header
                return
            packed, unpacked = found.get(_PACKED, -1), found.get(_UNPACKED, -1)
            if not isinstance(packed, int) or not isinstance(unpacked, int) or packed < 0:
                raise ManifestError("damaged", "the header of a page has no size")
            if not self.grows and not self._refused.isdisjoint(_list_encodings(found)):
                raise ManifestError("damaged", "a page is encoded otherwise than its column says")
            self.largest = max(self.largest, packed + unpacked)
            self._next, self._header = self._next + length + packed, b""


def _list_encodings(header: dict[int, Any]) -> list[Any]:
    first, second = header.get(_DATA_PAGE), header.get(_DATA_PAGE_V2)
    return [
        *([first.get(_ENCODING)] if isinstance(first, dict) else []),
        *([second.get(_ENCODING_V2)] if isinstance(second, dict) else []),
    ]


def _read_struct(data: bytes, place: int, depth: int) -> tuple[dict[int, Any], int]:
    """Read a struct; return its fields by number and where it ends.

    Raise `IndexError` when the data end first. Of a field that stands twice the last counts.
    """
    if depth > _MAX_DEPTH:
        raise ManifestError("damaged", "the header of a page is too deep")
    fields: dict[int, Any] = {}
    number = 0
    while True:
        first = data[place]
        place += 1
        if first == 0:
            return fields, place
        if first >> 4:
            number += first >> 4
        else:
            number, place = _read_number(data, place)
        fields[number], place = _read_value(data, place, first & 15, depth)


def _read_value(data: bytes, place: int, kind: int, depth: int) -> tuple[Any, int]:
    match kind:
        case 1 | 2:
            return kind == _TRUE, place
        case 3:
            return data[place], place + 1
        case 4 | 5 | 6:
            return _read_number(data, place)
        case 7:
            return _skip(data, place, 8)
        case 8:
            length, place = _read_varint(data, place)
            return _skip(data, place, length)
        case 12:
            return _read_struct(data, place, depth + 1)
        case _:  # headers of pages hold no lists, sets or maps
            raise ManifestError("damaged", "the header of a page is not one")


def _skip(data: bytes, place: int, length: int) -> tuple[None, int]:
    if place + length > len(data):
        raise IndexError
    return None, place + length


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """Read a signed number: zigzag, so that small negative ones are short."""
    value, place = _read_varint(data, place)
    return (value >> 1) ^ -(value & 1), place


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
        if shift > 63:
            raise ManifestError("damaged", "the header of a page has a number that is none")
