"""Describe images that are files of folders, and the table beside them, as Croissant does."""

from collections.abc import Sequence
from typing import Any

from shared.exports.croissant import (
    PARQUET,
    describe_columns,
    describe_croissant,
    describe_field,
    describe_file_set,
    describe_records,
    extract,
)
from shared.exports.entries import Column
from shared.exports.plan import ExportPlan, ExportState
from shared.imaging.formats import MIME_TYPES

TABLE = "IMAGES.parquet"
# A column of its own: mlcroissant would change the path where it stands, and join by nothing.
NAME = Column("name", "string", "Name of the file, without its folder", False)
# What mlcroissant opens, in front of what it opens when it has one of these to begin with.
_OPENED = ("jpeg", "png")


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
