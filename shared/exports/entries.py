"""One image of an export: what its row gives, and the columns that every format shows of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.exports.lines import to_json
from shared.schemas.fields import format_phash

Row = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class ExportSignal:
    """A signal about the use of an image, as a row of `rights_signals`.

    Its crawl met it, or (`rechecked`) whoever asked again before the export was built.
    """

    source: str
    value: str
    allows: bool | None
    decision: str
    address: str
    evidence_hash: str | None
    fetched_at: datetime
    rechecked: bool = False


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """An image to export.

    `sha256` is the original's, also when a variant is exported; `extension`, `format`, `file_size`
    (bytes), `width` and `height` (pixels) describe the bytes that are exported. `extension` has no
    dot. `phash` is the signed 64-bit integer of the row. `shares_content` tells that another image
    may have the same content, `is_duplicate` that another one is its original. `split` is one of
    the plan's, or None when it has none. `metadata` is what its source says
    beside the other fields. `box` is the part that is no padding (left, top, width, height), None
    where there is none. `shown_part` is what is left of the original (left, top, right, bottom as
    shares of it), None where it is all there. `left_out` names the parts of the file that are not
    exported. `rights` are the signals under which it was taken. `quality` are numbers about the
    original by the names of their columns, `analyses` what each analyzer last said of it, by the
    analyzer.
    """

    id: UUID
    sha256: str
    extension: str
    format: str
    file_size: int
    width: int
    height: int
    label: str | None = None
    caption: str | None = None
    split: str | None = None
    license: str | None = None
    attribution: str | None = None
    creator: str | None = None
    original_url: str | None = None
    source_page: str | None = None
    metadata: dict[str, Any] | None = None
    file_name: str | None = None
    phash: int | None = None
    shares_content: bool = False
    is_duplicate: bool = False
    created_at: datetime | None = None
    box: tuple[int, int, int, int] | None = None
    shown_part: tuple[float, float, float, float] | None = None
    left_out: str | None = None
    rights: tuple[ExportSignal, ...] = ()
    quality: dict[str, float | None] | None = None
    analyses: dict[str, Any] | None = None


@dataclass(frozen=True)
class ExportImage:
    """An image of an export: its position in the order, and the objects that hold it.

    `object` is what the export is to hold: the original's own, or a variant's; None while the image
    lacks the variant. Then the entry's sizes are those of the original. What a version holds of an
    image that was deleted has no objects. `crc32` is that of the original, `extras` what it has
    beside its picture; None is unknown. `withdrawal` is the reason and detail of one that may not
    be exported any more.
    """

    position: UUID
    entry: ExportEntry
    original: str
    object: str | None
    crc32: int | None = None
    extras: str | None = None
    withdrawal: tuple[str, str] | None = None

    @property
    def is_deleted(self) -> bool:
        """Return whether nothing is left of the image but what a version says of it."""
        return not self.original


class Column(NamedTuple):
    """A column of the tables and a key of `metadata.jsonl`; `type` is Arrow's name."""

    name: str
    type: str
    meaning: str
    metadata: bool


# Without `include_metadata` only the columns stay that tell which image it is, its class, and the
# terms of its use. No name ends in `_file_name`: Hugging Face would take such a column for images.
COLUMNS = (
    Column("file_name", "string", "Path of the image in an archive of this dataset", False),
    Column("label", "string", "Class", False),
    Column("split", "string", "train, validation, test, …", False),
    Column("caption", "string", "Description", True),
    Column("width", "int64", "Pixels", True),
    Column("height", "int64", "Pixels", True),
    Column("format", "string", "jpeg, png, webp, …", True),
    Column("file_size", "int64", "Bytes", True),
    Column("sha256", "string", "SHA-256 of the original's bytes, hexadecimal", False),
    Column("phash", "string", "64-bit perceptual hash, hexadecimal", True),
    Column("license", "string", "Licence it is offered under", False),
    Column("attribution", "string", "Whom to credit", False),
    Column("creator", "string", "Who made it, as the file says", False),
    Column("original_url", "string", "Where it was downloaded from", False),
    Column("source_page", "string", "Page that shows or describes it", False),
    Column("original_name", "string", "File name at its origin", True),
    Column("metadata", "string", "What else its source says of it, as JSON", True),
    Column("sharpness", "double", "Variance of the Laplacian; 0 is flat", True),
    Column("brightness", "double", "Mean luma, 0 to 1", True),
    Column("darkness", "double", "1 minus the luma of the brightest pixels, 0 to 1", True),
    Column("uniformity", "double", "Share of the commonest colour, 0 to 1", True),
    Column("analyses", "string", "What each analyzer last said of it, as JSON", True),
    Column("image_id", "string", "Its id in Pixmill", False),
)
# Numbers that may be unknown: −1 in lines of JSON, where readers infer types.
UNKNOWN_NUMBER = -1.0
QUALITY = tuple(column.name for column in COLUMNS if column.type == "double")
# A column of archives alone: tables have no files.
LEFT_OUT_COLUMN = Column("left_out", "string", "Parts of the file that are not exported", False)
LICENSE_COLUMNS = (
    *("file_name", "license", "attribution", "original_url", "source_page", "creator"),
)


def list_columns(include_metadata: bool) -> list[Column]:
    """Return the columns that an export shows."""
    return [column for column in COLUMNS if include_metadata or not column.metadata]


def to_row(entry: ExportEntry, file_name: str) -> Row:
    """Return an entry's value for every name in `COLUMNS`; None is unknown."""
    quality = entry.quality or {}
    return {
        "file_name": file_name,
        "label": entry.label,
        "split": entry.split,
        "caption": entry.caption,
        "width": entry.width,
        "height": entry.height,
        "format": entry.format,
        "file_size": entry.file_size,
        "sha256": entry.sha256,
        "phash": None if entry.phash is None else format_phash(entry.phash),
        "license": entry.license,
        "attribution": entry.attribution,
        "creator": entry.creator,
        "original_url": entry.original_url,
        "source_page": entry.source_page,
        "original_name": entry.file_name,
        "metadata": to_json(entry.metadata).decode() if entry.metadata else None,
        **{name: quality.get(name) for name in QUALITY},
        "analyses": to_json(entry.analyses).decode() if entry.analyses else None,
        "image_id": str(entry.id),
    }


def to_typed_row(row: Row) -> Row:
    """Return a row without null, for readers that infer types: "" and −1 are unknown."""
    return {
        name: (UNKNOWN_NUMBER if name in QUALITY else "") if value is None else value
        for name, value in row.items()
    }
