"""Parquet: rows are gathered as lines of JSON, and become the file at the end.

A Parquet file cannot be continued by another process, and its row groups would show where it was
cut. So the parts are empty, and what follows them is the whole file.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter as ArrowWriter

from shared.exports.entries import Column, ExportEntry, Row, list_columns, to_row
from shared.exports.layouts import make_layout
from shared.exports.lines import to_json
from shared.exports.parts import PartWriter, Read, Sink
from shared.exports.plan import ExportPlan, ExportState, to_card

_ROWS = "rows"
_GROUP = 16_384  # rows
_BATCH = 256  # rows at a time are Python's, which take ten times what Arrow's do


class ParquetWriter(PartWriter):
    """A part of a Parquet table, whose schema tells what columns mean and holds the card."""

    def __init__(self, plan: ExportPlan, sink: Sink, state: ExportState | None = None) -> None:
        super().__init__(plan, sink, state)
        self._layout = make_layout(plan)
        self._columns = list_columns(plan.options.include_metadata)

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Gather the image's row."""
        shown = to_row(entry, self._layout.name_image(entry))
        line = to_json({column.name: shown[column.name] for column in self._columns})
        self._gather(_ROWS, line + b"\n")
        self.state.add(entry)

    def finish(self, read: Read) -> None:
        """Write the rows, one row group in memory at a time."""
        card = {"dataset": to_json(to_card(self.plan, self.state))}
        write_rows(self._read_rows(read), self._columns, _Stream(self._write), card)

    def _read_rows(self, read: Read) -> Iterator[Row]:
        for piece in self._read_section(_ROWS, read):
            yield from map(json.loads, io.BytesIO(piece))


def write_rows(
    rows: Iterator[Row], columns: Iterable[Column], file: Any, metadata: dict[str, bytes] | None
) -> None:
    """Write the Parquet file of rows, whose schema tells what columns mean.

    One row group is in memory at a time, as Arrow holds it.
    """
    fields = [
        pa.field(column.name, column.type, metadata={"description": column.meaning})
        for column in columns
    ]
    schema = pa.schema(fields, metadata=metadata)
    with ArrowWriter(file, schema, compression="zstd") as table:
        while batches := list(islice(_make_batches(rows, schema), _GROUP // _BATCH)):
            table.write_table(pa.Table.from_batches(batches, schema))


def _make_batches(rows: Iterator[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while batch := list(islice(rows, _BATCH)):
        yield pa.RecordBatch.from_pylist(batch, schema=schema)


class _Stream(io.RawIOBase):
    """A writable file for Arrow."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        taken = bytes(data)
        self._write(taken)
        return len(taken)
