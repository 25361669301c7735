"""The reading of a manifest: what it is by its content, and its rows from any place on.

Forms: csv, tsv, JSON Lines, plain text with one address a line, each perhaps packed with gzip or
Zstandard, and Parquet. Whatever a file holds, memory stays flat and work ends: rows, lines, pages
and what is unpacked have limits (`shared.manifests.limits`).
"""

import io
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from shared.manifests.limits import MAX_BYTES, ManifestError
from shared.manifests.lines import Line, find_terminator, split_lines
from shared.manifests.parquet import MAGIC, ParquetTable
from shared.manifests.rows import START, Position
from shared.manifests.separated import SeparatedTable
from shared.manifests.texts import Rows, check_objects, read_addresses, read_objects
from shared.manifests.unpacking import unpack_text

_PACKING = re.compile(r"\.(gz|gzip|zst|zstd)$", re.IGNORECASE)
_HEAD = 1000  # lines that are looked at first
MAX_UNPACKED = 128 * 1024 * 1024  # bytes


class ManifestReader:
    """An open manifest. `recoded` counts lines that were not UTF-8 and read as Windows-1252."""

    def __init__(
        self, source: BinaryIO, size: int, file_name: str, columns: Mapping[str, str | None]
    ) -> None:
        """Look at its beginning. Raise `ManifestError` when it cannot be read.

        `source` can seek and has `size` bytes; `file_name` decides where the content does not.
        `columns` maps fields (`shared.manifests.rows.FIELDS`) to names of columns; the others are
        found by usual names.
        """
        if size > MAX_BYTES:
            raise ManifestError("too_large", f"it has more than {MAX_BYTES // 2**30} GiB")
        self.recoded = 0
        self._source, self._columns = source, columns
        self._table: SeparatedTable | ParquetTable | None = None
        head = next(unpack_text(source), b"")
        if head.startswith(MAGIC):
            self._kind = "parquet"
            self._table = ParquetTable(*_unpack(source, size), columns)
            return
        self._terminator = find_terminator(head)
        self._kind = _find_kind(head, file_name)
        if self._kind == "txt" and any(columns.values()):
            self._kind = "csv"  # only a table has columns
        if self._kind == "jsonl":
            check_objects(islice(self._read_lines(START), _HEAD), columns)
        elif self._kind in ("csv", "tsv"):
            delimiter = "\t" if self._kind == "tsv" else None
            self._table = SeparatedTable(self._read_lines(START), columns, delimiter)

    def read(self, start: Position = START) -> Rows:
        """Yield rows, each with the place from which reading goes on behind it."""
        match self._table:
            case ParquetTable():
                yield from self._table.read(start)
            case SeparatedTable():
                begin = start if start.offset else self._table.first_row
                yield from self._table.read(self._count_recoded(begin))
            case _ if self._kind == "jsonl":
                yield from read_objects(self._count_recoded(start), self._columns)
            case _:
                yield from read_addresses(self._count_recoded(start))

    def _read_lines(self, start: Position) -> Iterator[Line]:
        return split_lines(unpack_text(self._source, start.offset), start, self._terminator)

    def _count_recoded(self, start: Position) -> Iterator[Line]:
        for line in self._read_lines(start):
            self.recoded += line.is_recoded
            yield line


def _unpack(source: BinaryIO, size: int) -> tuple[BinaryIO, int]:
    """Return a Parquet file and its size; one that is packed once more is unpacked into memory."""
    source.seek(0)
    if source.read(len(MAGIC)) == MAGIC:
        return source, size
    whole = io.BytesIO()
    for piece in unpack_text(source):
        if whole.tell() + len(piece) > MAX_UNPACKED:
            raise ManifestError("too_large", "it is Parquet in a packed file; send it as it is")
        whole.write(piece)
    return whole, whole.tell()


def _find_kind(head: bytes, file_name: str) -> str:
    """Return the kind of text: by the file's name, where that says nothing by how it begins."""
    if not head.strip():
        raise ManifestError("empty", "there is nothing in it")
    if b"\0" in head.split(b"\n", 1)[0]:
        raise ManifestError("damaged", "it is no text")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        raise ManifestError("damaged", "it is a list of JSON; write one object a line (jsonl)")
    if start.startswith(b"{"):
        return "jsonl"
    suffix = _PACKING.sub("", file_name.lower()).rpartition(".")[2]
    kind = {"ndjson": "jsonl", "tab": "tsv"}.get(suffix, suffix)
    if kind in ("csv", "tsv", "jsonl", "txt"):
        return kind
    first = start.split(b"\n", 1)[0].strip().decode(errors="replace")
    return "txt" if first.lower().startswith(("http://", "https://")) else "csv"
