"""Rows of a Parquet file, read by small batches whatever its row groups hold.

A file of a megabyte may stand for terabytes: texts repeat by dictionary and run length, pages are
packed. So batches are the smaller the longer the texts of a dictionary are, and the sizes that
pages declare are bounded before they are unpacked (`shared.manifests.pages`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from shared.manifests.columns import Columns, find_columns
from shared.manifests.limits import MAX_RECORD, ManifestError
from shared.manifests.pages import PageGuard, is_growing, measure_dictionary
from shared.manifests.rows import BadRow, ManifestRow, Position, make_row

MAGIC = b"PAR1"
_BATCH = 1024  # rows
_BUFFER = 1024 * 1024  # bytes of a column that are read at a time
MAX_FOOTER = 32 * 1024 * 1024
_MAX_BATCH = 16 * 1024 * 1024  # bytes of one column's texts that a dictionary makes of a batch
_FEW = 8  # rows of a batch in which texts may be far longer than their pages


class ParquetTable:
    """An open Parquet file whose columns are known. Columns that hold lists or fields are left."""

    def __init__(self, source: BinaryIO, size: int, given: Mapping[str, str | None]) -> None:
        """Read the footer. Raise `ManifestError` when it is none, or names no addresses."""
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        _check_footer(source, size)
        self._source = source
        self._guard = PageGuard(source)
        self._errors = (pa.ArrowException, OSError)
        try:
            file = ParquetFile(self._open())
            self._metadata, schema = file.metadata, file.schema
        except self._errors as error:
            raise _refuse(error) from None
        flat = [
            place
            for place in range(len(schema))
            if schema.column(place).max_repetition_level == 0
            and "." not in schema.column(place).path
        ]
        self._names = [schema.column(place).path for place in flat]
        self.columns: Columns = find_columns(self._names, given)
        self._places = flat

    def _open(self) -> Any:
        import pyarrow as pa

        return pa.PythonFile(self._guard, mode="r")

    def read(self, start: Position) -> Iterator[tuple[Position, ManifestRow | BadRow]]:
        """Yield rows from a place on, each with the place behind it."""
        first = 0
        for group in range(self._metadata.num_row_groups):
            count = self._metadata.row_group(group).num_rows
            if first + count > start.offset:
                skipped = max(0, start.offset - first)
                rows = self._read_group(group)
                for number, values in enumerate(rows, start=first + 1):
                    if number - first > skipped:
                        yield Position(number, number + 1), self._make_row(number, values)
            first += count

    def _make_row(self, number: int, values: Sequence[Any]) -> ManifestRow | BadRow:
        if any(value is _TOO_LONG for value in values):
            detail = f"line {number}: a value has more than {MAX_RECORD // 1024} KiB"
            return BadRow(number, "bad_row", detail)
        return make_row(number, *self.columns.split(values))

    def _read_group(self, group: int) -> Iterator[tuple[Any, ...]]:
        from pyarrow.parquet import ParquetFile

        chunks = [self._metadata.row_group(group).column(place) for place in self._places]
        grows = any(is_growing(chunk.encodings) for chunk in chunks)
        longest = max(
            (
                measure_dictionary(self._source, chunk)
                for chunk in chunks
                if chunk.physical_type == "BYTE_ARRAY"
            ),
            default=0,
        )
        size = _FEW if grows else max(1, min(_BATCH, _MAX_BATCH // max(1, longest)))
        self._guard.watch(chunks)
        try:
            # A file of its own for each group: an open one keeps buffers of the last.
            file = ParquetFile(
                self._open(),
                metadata=self._metadata,
                buffer_size=_BUFFER,
                pre_buffer=False,
            )
            batches = file.iter_batches(
                batch_size=size,
                row_groups=[group],
                columns=self._names,
                use_threads=False,
            )
            for batch in batches:
                order = [batch.schema.get_field_index(name) for name in self._names]
                yield from zip(*(_to_values(batch.column(place)) for place in order), strict=True)
        except self._errors as error:
            raise _refuse(error) from None


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


def _check_footer(source: BinaryIO, size: int) -> None:
    """Refuse a footer that is larger than any honest file of a million rows needs."""
    source.seek(max(0, size - 8))
    tail = source.read(8)
    if tail[4:] != MAGIC:
        raise ManifestError("damaged", "it begins as Parquet and does not end so")
    if int.from_bytes(tail[:4], "little") > min(MAX_FOOTER, size):
        raise ManifestError("damaged", "its footer is too large")


def _refuse(error: Exception) -> ManifestError:
    return ManifestError("damaged", f"it cannot be read as Parquet: {str(error)[:300]}")
