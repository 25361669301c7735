"""The sizes that pages of a Parquet file declare, looked at before anything is unpacked.

https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift, in the compact
protocol of Thrift: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from shared.manifests.limits import ManifestError

# Bytes that one page of each column may take together, and what whole pages bring to one batch.
_MAX_PAGES = 192 * 1024 * 1024
_MAX_GROWING = 16 * 1024 * 1024  # the same of columns whose texts may grow with every row
_MAX_HEADER = 1024 * 1024
_MAX_DEPTH = 8
_TYPE, _UNPACKED, _PACKED = 1, 2, 3  # fields of a page's header
_DATA_PAGE, _DATA_PAGE_V2, _VALUES, _ENCODING, _ENCODING_V2 = 5, 8, 1, 2, 4
_GROWING = 7  # DELTA_BYTE_ARRAY
_DICTIONARY_PAGE = 2
_DICTIONARY_HEADER = 4096  # bytes; it holds but a few numbers
_TOO_LARGE = "its pages are too large; write smaller ones"
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class PageGuard(io.RawIOBase):
    """A file that raises `ManifestError` while a page is read that is too large.

    Columns are read from front to back, so the header of each page passes before its content.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._columns: list[_Column] = []
        self._rows = 1

    def watch(self, chunks: Sequence[Any], rows: int) -> None:
        """Look at the pages of these column chunks (`pyarrow.parquet.ColumnChunkMetaData`).

        So many rows of them are decoded at a time.
        """
        self._columns = [_Column(chunk) for chunk in chunks]
        self._rows = rows

    @property
    def unpacked(self) -> int:
        """Return the bytes of all pages that were seen since, unpacked."""
        return sum(column.unpacked for column in self._columns)

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
            or sum(column.widest for column in self._columns) * self._rows > _MAX_PAGES
            or sum(one.largest for one in self._columns if one.grows) > _MAX_GROWING
        ):
            raise ManifestError("too_large", _TOO_LARGE)
        return data


def is_growing(encodings: Sequence[str]) -> bool:
    """Return whether each text of so encoded pages may repeat the whole of the one before it."""
    return "DELTA_BYTE_ARRAY" in encodings


def measure_dictionary(source: BinaryIO, chunk: Any) -> int:
    """Return the bytes of the longest text in the dictionary of a column chunk; 0 without one.

    Where the dictionary cannot be unpacked here, return the size that it declares. Raise
    `ManifestError` when that is too large.
    """
    source.seek(_find_start(chunk))
    header = source.read(_DICTIONARY_HEADER)
    try:
        found, length = _read_struct(header, 0, 0)
    except IndexError:  # a page of values, with long ones in its statistics
        return 0
    if found.get(_TYPE) != _DICTIONARY_PAGE:
        return 0
    packed, unpacked = _get_sizes(found)
    if packed + unpacked > _MAX_PAGES:
        raise ManifestError("too_large", _TOO_LARGE)
    import pyarrow as pa

    source.seek(_find_start(chunk) + length)
    data = source.read(packed)
    try:
        if chunk.compression != "UNCOMPRESSED":
            codec = pa.Codec(chunk.compression.lower())
            data = codec.decompress(data, decompressed_size=unpacked, asbytes=True)
    except (pa.ArrowException, OSError, ValueError):
        return unpacked
    return _find_longest(data)


def _find_longest(data: bytes) -> int:
    """Return the longest of texts that stand one after the other, each behind its length."""
    longest = place = 0
    while place + 4 <= len(data):
        length = int.from_bytes(data[place : place + 4], "little")
        longest = max(longest, length)
        place += 4 + length
    return longest


def _find_start(chunk: Any) -> int:
    start: int = chunk.data_page_offset
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    return first if first is not None and 0 < first < start else start


def _get_sizes(header: dict[int, Any]) -> tuple[int, int]:
    """Return the bytes of a page, packed and unpacked."""
    packed, unpacked = header.get(_PACKED, -1), header.get(_UNPACKED, -1)
    if not isinstance(packed, int) or not isinstance(unpacked, int) or min(packed, unpacked) < 0:
        raise ManifestError("damaged", "the header of a page has no size")
    return packed, unpacked


class _Column:
    """The pages of one column, as far as they have been read."""

    def __init__(self, chunk: Any) -> None:
        start = _find_start(chunk)
        self.largest = 0  # bytes of a page, packed and unpacked
        self.widest = 0.0  # bytes for each value of a page of values
        self.unpacked = 0  # bytes of all pages
        self._next = start  # offset of the next page's header
        self._end = start + chunk.total_compressed_size
        self._header = b""  # what has been read of it
        self.grows = is_growing(chunk.encodings)
        self._first = start

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
            packed, unpacked = _get_sizes(found)
            if not self.grows and _GROWING in _list_encodings(found):
                raise ManifestError("damaged", "a page is encoded otherwise than its column says")
            if found.get(_TYPE) == _DICTIONARY_PAGE and (
                self._next != self._first or length > _DICTIONARY_HEADER
            ):
                raise ManifestError("damaged", "a dictionary is not where it should be")
            self.largest = max(self.largest, packed + unpacked)
            self.unpacked += unpacked
            if values := _count_values(found):
                self.widest = max(self.widest, unpacked / values)
            self._next, self._header = self._next + length + packed, b""


def _count_values(header: dict[int, Any]) -> int:
    """Return how many values a page has, those that are null among them; 0 for a dictionary."""
    page = header.get(_DATA_PAGE) or header.get(_DATA_PAGE_V2)
    count = page.get(_VALUES, 0) if isinstance(page, dict) else 0
    return max(0, count) if isinstance(count, int) else 0


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
