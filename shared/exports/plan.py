"""An export's plan, its progress, and the card that describes the dataset."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue

from shared import __version__
from shared.exports.entries import ExportEntry
from shared.schemas.exports import ExportFailure, ExportFormat, ExportOptions, RightsRecheck

_DISTINCT = 1000  # values that one table counts by name, so that the state stays small
_NAMED = 100  # failures that the job and the card name
OTHERS = "(others)"
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class ExportPlan:
    """The inputs of an export. Equal plans and equal entries in the same order give equal bytes.

    `labels` are the classes in the order of their indexes. `extension` is what the names of all
    images in a `webdataset` end in; None leaves each its own. `sources`
    (where the images come from) and `rules` (what they had to meet) go into the card as they are,
    as does `version`, Pixmill's. `proof` tells how the splits were made, `recheck` what became of
    the rights that were asked for again. `dataset_version` is the name and hash of the version that
    is exported, if it is one. `categories` are what annotations name, None where these are labels.
    """

    name: str
    format: ExportFormat
    options: ExportOptions = field(default_factory=ExportOptions)
    labels: tuple[str, ...] = ()
    extension: str | None = None
    sources: JsonValue = None
    rules: JsonValue = None
    proof: JsonValue = None
    recheck: RightsRecheck | None = None
    version: str = __version__
    dataset_version: JsonValue = None
    categories: tuple[str, ...] | None = None


class Section(BaseModel):
    """A file gathered over all parts: its size in bytes and its CRC-32."""

    size: int = 0
    crc: int = 0


class StoredPart(BaseModel):
    """A part of the file as it is put away: its object, and the sections beside it.

    `offset` is where it begins in the file, `size` how long it is (bytes).
    """

    name: str
    offset: int
    size: int
    sections: list[str]


class Shard(BaseModel):
    """A tar within the file: where it begins there and its size, in bytes.

    `section` has the index of its samples.
    """

    name: str
    section: str
    split: str | None
    offset: int
    size: int
    samples: int


class ImageCounts(BaseModel):
    """Numbers of images by value of each field, in order of appearance.

    Of a whole export beyond 1000 values of a field, `(others)`: a part counts all that it meets, so
    that what is named does not depend on where the export was cut.
    """

    splits: dict[str, int] = {}
    labels: dict[str, int] = {}
    formats: dict[str, int] = {}
    licenses: dict[str, int] = {}
    hosts: dict[str, int] = {}
    split_labels: dict[str, dict[str, int]] = {}

    def add(self, entry: ExportEntry) -> None:
        """Count one image."""
        if entry.split is not None:
            _count(self.splits, entry.split)
            _count(self.split_labels.setdefault(entry.split, {}), entry.label)
        _count(self.labels, entry.label)
        _count(self.formats, entry.format)
        _count(self.licenses, entry.license)
        _count(self.hosts, _find_host(entry.original_url))

    def join(self, part: "ImageCounts") -> None:
        """Add what the next part has counted."""
        for name in ("splits", "labels", "formats", "licenses", "hosts"):
            _join_counts(getattr(self, name), getattr(part, name))
        for split, labels in part.split_labels.items():
            _join_counts(self.split_labels.setdefault(split, {}), labels)


class ExportState(BaseModel):
    """The content of a part of an export in numbers; joined in order, that of the export.

    `offset` and `image_bytes` are in bytes, `members` counts the files in an archive so far.
    `formulas` counts rows of CSV with a text that a spreadsheet may run.
    `left_out` counts images by the parts that they lack, `extensions` by what their names end in,
    `licenses` gives each its number. `folders` holds the first two classes' folders of each split,
    and "" where images lie in none. A part lies in one `shard`, if the export has any, and its
    bytes in `objects`. `parts` and `shards` are those that were joined.
    """

    offset: int = 0
    members: int = 0
    images: int = 0
    duplicates: int = 0
    failed: int = 0
    failure_reasons: dict[str, int] = {}
    failures: list[ExportFailure] = []
    image_bytes: int = 0
    newest: datetime | None = None
    counts: ImageCounts = ImageCounts()
    licenses: dict[str, int] = {}
    folders: dict[str, list[str]] = {}
    formulas: int = 0
    left_out: dict[str, int] = {}
    extensions: dict[str, int] = {}
    sections: dict[str, Section] = {}
    shard: str | None = None
    objects: list[str] = []
    parts: list[StoredPart] = []
    shards: list[Shard] = []

    def add(self, entry: ExportEntry) -> None:
        """Count one image."""
        self.images += 1
        self.duplicates += entry.is_duplicate
        self.image_bytes += entry.file_size
        self.counts.add(entry)
        if entry.left_out:
            _count(self.left_out, entry.left_out)
        _count(self.extensions, entry.extension)
        if entry.created_at is not None:
            created = entry.created_at.astimezone(UTC)
            self.newest = max(self.newest or created, created)

    def leave_out(self, failure: ExportFailure) -> None:
        """Count one image that could not be exported, and name it among the first 100."""
        self.failed += 1
        _count(self.failure_reasons, failure.reason)
        if len(self.failures) < _NAMED:
            self.failures.append(failure)

    def note_folder(self, split: str, folder: str) -> None:
        """Keep in mind that an image of a split lies in a class's folder, or in none ("")."""
        seen = self.folders.setdefault(split, [])
        if folder not in seen and (not folder or len(seen) < 2):
            seen.append(folder)

    def number_license(self, name: str | None) -> int:
        """Return a license's number from 1, in order of appearance; 0 is none."""
        return self.licenses.setdefault(name, len(self.licenses) + 1) if name else 0

    def join(self, part: "ExportState") -> list[int]:
        """Add what the next part counted, all but bytes; return its licenses' numbers from now on.

        The number at 0 is 0; a license beyond the first 1000 becomes 0 too.
        """
        for name in ("members", "images", "duplicates", "failed", "image_bytes", "formulas"):
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for name in ("failure_reasons", "left_out", "extensions"):
            _join_counts(getattr(self, name), getattr(part, name))
        self.failures += part.failures[: _NAMED - len(self.failures)]
        self.newest = max(filter(None, (self.newest, part.newest)), default=None)
        self.counts.join(part.counts)
        for split, folders in part.folders.items():
            for folder in folders:
                self.note_folder(split, folder)
        numbers = [0]
        for license_ in part.licenses:
            is_named = license_ in self.licenses or len(self.licenses) < _DISTINCT
            numbers.append(self.number_license(license_) if is_named else 0)
        return numbers


def to_card(plan: ExportPlan, state: ExportState) -> dict[str, Any]:
    """Return the content of `dataset.json`; it tells no time, so that a repeat is equal."""
    seen = state.model_dump(mode="json", include={"newest", "counts", "failures"})
    options = plan.options.model_dump(mode="json")
    if options["splits"] is not None:  # jsonb does not keep the order in which they were asked for
        options["splits"] = dict(sorted(options["splits"].items()))
    return {
        "name": plan.name,
        "format": plan.format,
        "options": options,
        "images": state.images,
        "duplicates": state.duplicates,
        "failed": state.failed,
        "failures": seen["failures"],
        "bytes": state.image_bytes,
        "newest_image": seen["newest"],
        "counts": _sort(seen["counts"]),
        "left_out": dict(sorted(state.left_out.items())),
        "classes": list(plan.labels),
        "sources": plan.sources,
        "rules": plan.rules,
        "rights_recheck": plan.recheck and plan.recheck.model_dump(mode="json"),
        "dataset_version": plan.dataset_version,
        "pixmill_version": plan.version,
    }


def _sort(counts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: dict(_sort(count)) if isinstance(count, dict) else count
        for name, count in sorted(counts.items())
    }


def _count(counts: dict[str, int], value: str | None) -> None:
    name = value or UNKNOWN
    counts[name] = counts.get(name, 0) + 1


def _join_counts(counts: dict[str, int], of_part: dict[str, int]) -> None:
    for name, count in of_part.items():
        known = name if name in counts or len(counts) < _DISTINCT else OTHERS
        counts[known] = counts.get(known, 0) + count


def _find_host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
