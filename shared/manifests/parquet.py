"""Rows of a Parquet file, read by small batches whatever its row groups hold.

A file of a megabyte may stand for terabytes: texts repeat by dictionary and run length, pages are
packed. So batches are the smaller the longer the texts of a dictionary are, the sizes that pages
declare are bounded before they are unpacked (`shared.manifests.pages`), and what all rows come to
is counted and bounded as the text of other manifests is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from shared.manifests.columns import Columns, find_columns
from shared.manifests.limits import MAX_RECORD, MAX_TEXT, ManifestError, refuse_text
from shared.manifests.pages import PageGuard, is_growing, measure_dictionary
from shared.manifests.rows import BadRow, ManifestRow, Position, make_row

MAGIC = b"PAR1"
_BATCH = 1024  # rows
_BUFFER = 1024 * 1024  # bytes of a column that are read at a time
MAX_FOOTER = 32 * 1024 * 1024
_MAX_BATCH = 16 * 1024 * 1024  # bytes of texts that dictionaries make of a batch
_FEW = 8  # rows of a batch in which texts may be far longer than their pages
# The key of Arrow's own types. By these a column may come as a dictionary, for which Arrow gathers
# all texts of a row group.
_OWN_TYPES, _NO_TYPES = b"ARROW:schema", b"arrow:schema"


class ParquetTable:
    """An open Parquet file whose columns are known. Columns that hold lists or fields are left."""

    def __init__(self, source: BinaryIO, size: int, given: Mapping[str, str | None]) -> None:
        """Read the footer. Raise `ManifestError` when it is none, or names no addresses."""
        import pyarrow as pa
        from pyarrow.parquet import read_metadata

        self._source = source
        self._guard = PageGuard(source)
        self._errors = (pa.ArrowException, OSError)
        footer = _read_footer(source, size).replace(_OWN_TYPES, _NO_TYPES)
        try:
            self._metadata = read_metadata(pa.BufferReader(MAGIC + footer))
        except self._errors as error:
            raise _refuse(error) from None
        schema = self._metadata.schema
        flat = [
            place
            for place in range(len(schema))
            if schema.column(place).max_repetition_level == 0
            and "." not in schema.column(place).path
        ]
        self._names = [schema.column(place).path for place in flat]
        self.columns: Columns = find_columns(self._names, given)
        self._places = flat

    def read(self, start: Position) -> Iterator[tuple[Position, ManifestRow | BadRow]]:
        """Yield rows from a place on, each with the place behind it.

        Raise `ManifestError` once all rows have come to more than 2 GiB.
        """
        first, text = 0, start.text
        for group in range(self._metadata.num_row_groups):
            end = first + self._metadata.row_group(group).num_rows
            if end > start.offset:
                number = max(first, start.offset)
                for size, values in self._read_group(group, number - first):
                    number += 1
                    text += size
                    if text > MAX_TEXT:
                        raise refuse_text()
                    yield Position(number, number + 1, text), self._make_row(number, values)
                if number < end:
                    raise ManifestError("damaged", "a row group has fewer rows than it says")
            first = end

    def _make_row(self, number: int, values: Sequence[Any]) -> ManifestRow | BadRow:
        if any(value is _TOO_LONG for value in values):
            detail = f"line {number}: a value has more than {MAX_RECORD // 1024} KiB"
            return BadRow(number, "bad_row", detail)
        return make_row(number, *self.columns.split(values))

    def _read_group(self, group: int, skipped: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield the rows of a group behind the first, each with its share of what was unpacked."""
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        chunks = [self._metadata.row_group(group).column(place) for place in self._places]
        rows = self._choose_batch(chunks)
        self._guard.watch(chunks, rows)
        decoded = counted = 0  # bytes
        try:
            # A file of its own for each group: an open one keeps buffers of the last.
            file = ParquetFile(
                pa.PythonFile(self._guard, mode="r"),
                metadata=self._metadata,
                buffer_size=_BUFFER,
                pre_buffer=False,
            )
            batches = file.iter_batches(
                batch_size=rows,
                row_groups=[group],
                columns=self._names,
                use_threads=False,
            )
            for batch in batches:
                decoded += batch.nbytes
                before, counted = counted, max(decoded, self._guard.unpacked)
                size = (counted - before) // max(1, batch.num_rows)
                for values in self._list_values(batch.slice(skipped)):
                    yield size, values
                skipped = max(0, skipped - batch.num_rows)
        except self._errors as error:
            raise _refuse(error) from None

    def _choose_batch(self, chunks: Sequence[Any]) -> int:
        """Return how many rows of a group are decoded at a time."""
        if any(is_growing(chunk.encodings) for chunk in chunks):
            return _FEW
        longest = sum(
            measure_dictionary(self._source, chunk)
            for chunk in chunks
            if chunk.physical_type == "BYTE_ARRAY"
        )
        return max(1, min(_BATCH, _MAX_BATCH // max(1, longest)))

    def _list_values(self, batch: Any) -> Iterator[tuple[Any, ...]]:
        order = [batch.schema.get_field_index(name) for name in self._names]
        return zip(*(_to_values(batch.column(place)) for place in order), strict=True)


_TOO_LONG = object()


def _to_values(column: Any) -> list[Any]:
    """Return a column's values, in place of texts that are too long a mark."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind)):
        return _to_python(column)
    lengths = pc.binary_length(column)
    if (pc.max(lengths).as_py() or 0) <= MAX_RECORD:
        return _to_python(column)
    return [
        _TOO_LONG if (length or 0) > MAX_RECORD else _to_python(column.slice(place, 1))[0]
        for place, length in enumerate(lengths.to_pylist())
    ]


def _to_python(column: Any) -> list[Any]:
    """Return a column's values; a text that is not UTF-8, or a date that Python lacks, is None."""
    try:
        return list(column.to_pylist())
    except (UnicodeDecodeError, ValueError, OverflowError):
        return [_to_one(value) for value in column]


def _to_one(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (UnicodeDecodeError, ValueError, OverflowError):
        return None


def _read_footer(source: BinaryIO, size: int) -> bytes:
    """Return the footer, unless it is larger than any honest file of a million rows needs."""
    source.seek(max(0, size - 8))
    tail = source.read(8)
    if tail[4:] != MAGIC:
        raise ManifestError("damaged", "it begins as Parquet and does not end so")
    length = int.from_bytes(tail[:4], "little")
    if length > min(MAX_FOOTER, size - 8):
        raise ManifestError("damaged", "its footer is too large")
    source.seek(size - 8 - length)
    return source.read(length + 8)


def _refuse(error: Exception) -> ManifestError:
    return ManifestError("damaged", f"it cannot be read as Parquet: {str(error)[:300]}")
