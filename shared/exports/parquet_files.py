"""An archive of Parquet files that hold the images, those of each split in files of their own."""

import json
import struct
from collections.abc import Iterator
from hashlib import file_digest
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter as ArrowWriter

from shared.exports.archives import ArchiveWriter
from shared.exports.container import Container
from shared.exports.croissant import describe_parquet_file
from shared.exports.entries import ExportEntry, to_row
from shared.exports.huggingface import FILES, HuggingFace, encode_features, name_parquet_file
from shared.exports.layout import LEFT_OUT
from shared.exports.lines import to_json
from shared.exports.parts import Sink
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.refusals import leave_out_refused

GROUP_ROWS = 100  # as `datasets` itself writes images: a reader holds a group at a time
GROUP_BYTES = 16 * 1024 * 1024
OPEN_BYTES = 96 * 1024 * 1024  # of a file; more than parts are cut by
_SIZES = struct.Struct("<IQ")  # bytes of a row as JSON, and of its image

# A row without its image, and the image.
_Shown = tuple[dict[str, Any], memoryview]


class ParquetFilesWriter(ArchiveWriter):
    """A part of an archive that holds Parquet files.

    A part holds images of one split. A header states the size of what follows, and a Parquet file
    cannot be continued elsewhere. So rows are in memory until they are enough for a file, and each
    part has files of its own: one, since parts are cut by the size of a file, or more where images
    turn out larger than was reckoned.
    """

    def __init__(
        self, plan: ExportPlan, sink: Sink, container: Container, state: ExportState | None = None
    ) -> None:
        super().__init__(plan, sink, container, state)
        self._files = HuggingFace(plan)
        self._rows = bytearray()

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image's row, without what readers refuse the image for."""
        entry, content = leave_out_refused(entry, content)
        name = self._files.name_image(entry)
        shown = to_row(entry, name) | {LEFT_OUT: entry.left_out}
        row = to_json(self._files.make_row(entry, shown) | {"path": name})
        self._rows += _SIZES.pack(len(row), len(content)) + row + content
        for section, data in self._files.make_records(entry, shown, self.state):
            self._gather(section, data)
        self.state.add(entry)
        if len(self._rows) >= OPEN_BYTES:
            self._close_file()

    def end(self) -> dict[str, bytes]:
        """Write the file that is open, and end the part."""
        if self._rows:
            self._close_file()
        return super().end()

    def _close_file(self) -> None:
        name, rows = name_parquet_file(self.state), self._rows
        self._rows = bytearray()
        with TemporaryFile() as file:
            write_image_table(_unpack(memoryview(rows)), self._files, file)
            size = file.tell()
            file.seek(0)
            item = describe_parquet_file(name, file_digest(file, "sha256").hexdigest(), size)
            self._gather(FILES, b",\n" * (FILES in self.state.sections) + to_json(item))
            self._add_stored(name, file)


def write_image_table(rows: Iterator[_Shown], layout: HuggingFace, file: IO[bytes]) -> None:
    """Write the Parquet file of rows with their images, one group of rows in memory at a time.

    Images are compressed already, and statistics of their bytes say nothing.
    """
    schema = _make_schema(layout)
    texts = [column.name for column in layout.columns if column.type == "string"]
    others = [name for name in schema.names if name != "image"]
    with ArrowWriter(
        file,
        schema,
        compression={"image.bytes": "NONE", "image.path": "ZSTD", **dict.fromkeys(others, "ZSTD")},
        use_dictionary=texts,
        write_statistics=others,
        write_page_index=True,
    ) as table:
        for group in _group(rows):
            table.write_table(_make_table(group, schema))


def _make_schema(layout: HuggingFace) -> pa.Schema:
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])  # in this order
    fields = [("image", image)]
    if layout.classes:
        fields.append(("label", pa.int64()))
    fields += [(column.name, column.type) for column in layout.columns]
    return pa.schema(fields, metadata={"huggingface": encode_features(layout)})


def _make_table(group: list[_Shown], schema: pa.Schema) -> pa.Table:
    images = [{"bytes": bytes(image), "path": row["path"]} for row, image in group]
    others = [
        pa.array([row[field.name] for row, _ in group], field.type) for field in list(schema)[1:]
    ]
    columns = [pa.array(images, schema.field("image").type), *others]
    return pa.Table.from_arrays(columns, schema=schema)


def _group(rows: Iterator[_Shown]) -> Iterator[list[_Shown]]:
    group: list[_Shown] = []
    size = 0
    for row in rows:
        if group and (len(group) == GROUP_ROWS or size + len(row[1]) > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(row)
        size += len(row[1])
    if group:
        yield group


def _unpack(rows: memoryview) -> Iterator[_Shown]:
    position = 0
    while position < len(rows):
        row_bytes, image_bytes = _SIZES.unpack_from(rows, position)
        start = position + _SIZES.size
        position = start + row_bytes + image_bytes
        row = json.loads(bytes(rows[start : start + row_bytes]))
        yield row, rows[start + row_bytes : position]
