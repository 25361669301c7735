"""The table of signals about the use of an export's images: a row for each image and signal."""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import IO, Any

from shared.exports.entries import ExportEntry, ExportSignal
from shared.exports.lines import to_json

_COLUMNS = (
    ("file_name", "string"),
    ("image_id", "string"),
    ("sha256", "string"),
    ("source", "string"),
    ("value", "string"),
    ("allows", "bool"),
    ("decision", "string"),
    ("address", "string"),
    ("evidence_hash", "string"),
    ("rechecked", "bool"),
    ("fetched_at", "timestamp"),
)
_GROUP = 16_384  # rows


def to_shown_signal(signal: ExportSignal) -> dict[str, Any]:
    """Return a signal as JSON has it, with the moment in ISO 8601."""
    return {
        "source": signal.source,
        "value": signal.value,
        "allows": signal.allows,
        "decision": signal.decision,
        "address": signal.address,
        "evidence_hash": signal.evidence_hash,
        "rechecked": signal.rechecked,
        "fetched_at": signal.fetched_at.isoformat(),
    }


def to_rights_lines(entry: ExportEntry, file_name: str | None) -> bytes:
    """Return a line of JSON for each of an image's signals.

    `file_name` is its path there; None for one that is left out by what they say.
    """
    of_image = (file_name, str(entry.id), entry.sha256)
    rows = ([*of_image, *to_shown_signal(signal).values()] for signal in entry.rights)
    return b"".join(to_json(row) + b"\n" for row in rows)


def write_rights_table(pieces: Iterable[tuple[str, bytes]], file: IO[bytes]) -> None:
    """Write the Parquet file of these lines, one row group in memory at a time.

    Each piece holds whole lines, and has the name of its section in front.
    """
    # pyarrow takes longer to load than all else that an export needs.
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter as ArrowWriter

    types = {"string": pa.string(), "bool": pa.bool_(), "timestamp": pa.timestamp("us", "UTC")}
    schema = pa.schema([(name, types[kind]) for name, kind in _COLUMNS])
    rows = _read_rows(piece for _, piece in pieces)
    with ArrowWriter(file, schema, compression="zstd") as table:
        while group := list(islice(rows, _GROUP)):
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            table.write_table(pa.Table.from_arrays(columns, schema=schema))


def _read_rows(pieces: Iterable[bytes]) -> Iterator[list[Any]]:
    for line in chain.from_iterable(map(io.BytesIO, pieces)):
        *row, fetched_at = json.loads(line)
        yield [*row, datetime.fromisoformat(fetched_at)]
