"""Describe images that are files of folders, and the table beside them, as Croissant does."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from shared.exports.croissant import (
    PARQUET,
    describe_columns,
    describe_croissant,
    describe_field,
    describe_file_set,
    describe_records,
    extract,
)
from shared.exports.entries import LEFT_OUT_COLUMN, Column, Row, list_columns
from shared.exports.layout import ArchiveMember
from shared.exports.lines import to_json
from shared.exports.plan import ExportPlan, ExportState
from shared.imaging.formats import MIME_TYPES

TABLE = "IMAGES.parquet"
# A column of its own: mlcroissant would change the path where it stands, and join by nothing.
NAME = Column("name", "string", "Name of the file, without its folder", False)
# What mlcroissant opens, in front of what it opens when it has one of these to begin with.
_OPENED = ("jpeg", "png")

ReadRow = Callable[[str, Row], Row]  # a section's name, and a row as it was gathered there


def make_image_table(
    plan: ExportPlan, state: ExportState, sections: Iterable[str], read_row: ReadRow
) -> Iterator[ArchiveMember]:
    """Yield the table of all images, whose rows lie in sections, and what describes both.

    Sections that no image is in are passed over. `read_row` gives a row with all its columns.
    """
    columns = [*list_columns(plan.options.include_metadata), LEFT_OUT_COLUMN]

    def write(pieces: Iterable[tuple[str, bytes]], file: IO[bytes]) -> None:
        # pyarrow takes longer to load than all else that an export needs.
        from shared.exports.parquet import write_rows

        rows = (
            read_row(section, json.loads(line))
            for section, piece in pieces
            for line in io.BytesIO(piece)
        )
        named = (row | {NAME.name: str(row["file_name"]).rpartition("/")[2]} for row in rows)
        write_rows(named, [NAME, *columns], file, None)

    present = tuple(section for section in sections if section in state.sections)
    yield ArchiveMember(TABLE, present, write)
    described = to_json(describe_image_files(plan, state, columns), indent=2)
    yield ArchiveMember("croissant.json", (described + b"\n",))


def describe_image_files(
    plan: ExportPlan, state: ExportState, columns: Sequence[Column]
) -> dict[str, Any]:
    """Return the content of `croissant.json`, whose records are rows of the table with images.

    They are joined by names without folders: by paths mlcroissant finds nothing. Where no file is
    JPEG or PNG it opens none, so records are without images.
    """
    kinds = sorted(
        (kind for kind in state.counts.formats if kind in MIME_TYPES),
        key=lambda kind: (kind not in _OPENED, kind),
    )
    formats = [MIME_TYPES[kind] for kind in kinds]
    files = [describe_file_set("table", [PARQUET], TABLE)]
    fields = describe_columns("images", "table", [NAME])
    if formats:
        endings = sorted({*state.extensions})
        files.append(describe_file_set("files", formats, *(f"*.{one}" for one in endings)))
    if formats and kinds[0] in _OPENED:
        fields[0]["references"] = extract("files", fileProperty="filename")
        content = extract("files", fileProperty="content")
        fields.append(describe_field("images", "image", "sc:ImageObject", "The image", content))
    fields += describe_columns("images", "table", columns)
    return describe_croissant(plan, state, files, [describe_records("images", "name", fields)])
