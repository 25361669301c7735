"""Reading of manifests in tests, and ways to pack them."""

from __future__ import annotations

import gzip
import io
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shared.manifests.limits import ManifestError
from shared.manifests.reading import ManifestReader
from shared.manifests.rows import BadRow, ManifestRow, Position

Rows = list[tuple[Position, ManifestRow | BadRow]]


def read(
    data: bytes, file_name: str = "m.csv", start: Position | None = None, **columns: str
) -> list[ManifestRow | BadRow]:
    """Rows of a manifest."""
    return [row for _, row in read_places(data, file_name, start, None, **columns)]


def read_places(
    data: bytes,
    file_name: str = "m.csv",
    start: Position | None = None,
    limit: int | None = None,
    **columns: str,
) -> Rows:
    """Rows of a manifest, or the first of them, each with the place behind it."""
    reader = ManifestReader(io.BytesIO(data), len(data), file_name, columns)
    return list(islice(reader.read(start or Position()), limit))


def refuse(data: bytes, file_name: str = "m.csv", **columns: str) -> str:
    """Why a manifest is refused as a whole."""
    try:
        read(data, file_name, None, **columns)
    except ManifestError as error:
        return error.detail
    raise AssertionError("it was read")


def urls(rows: list[ManifestRow | BadRow]) -> list[str]:
    return [row.url for row in rows if isinstance(row, ManifestRow)]


def reasons(rows: list[ManifestRow | BadRow]) -> dict[int, str]:
    return {row.line: row.reason for row in rows if isinstance(row, BadRow)}


def to_parquet(table: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(table), stream, **options)
    return stream.getvalue()


def to_zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


PACKINGS = {"": lambda data: data, ".gz": gzip.compress, ".zst": to_zstd}
