"""The part that all layouts of archives share: names of files, licences and a card."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import IO, Any, NamedTuple

from shared.exports.entries import LEFT_OUT_COLUMN, LICENSE_COLUMNS, ExportEntry, Row, list_columns
from shared.exports.lines import to_json, to_sheet_line
from shared.exports.plan import ExportPlan, ExportState, to_card
from shared.exports.rights import to_rights_lines, write_rights_table
from shared.schemas.exports import ExportFailure
from shared.texts import make_slug

LEFT_OUT = LEFT_OUT_COLUMN.name
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Makes a folder a split for Hugging Face, wherever it lies (datasets.data_files).
_SPLIT_WORD = re.compile(
    r"(^|[-0-9])(train(ing)?|valid(ation)?|val|dev|test(ing)?|eval(uation)?)([-0-9]|$)"
)
_KEY_LENGTH = 32  # 128 bits: nobody can make two images that share a name
_FOLDER_LENGTH = 40


WriteTable = Callable[[Iterable[tuple[str, bytes]], IO[bytes]], None]


class ArchiveMember(NamedTuple):
    """A file of the archive: bytes, and names of sections that were gathered, in order.

    A table is made of these sections: `write_table` gets their names with their parts, each of
    whole lines, and a file to write to.
    """

    name: str
    pieces: tuple[bytes | str, ...]
    write_table: WriteTable | None = None


@dataclass(frozen=True)
class Preceding:
    """All that precedes a part in the export, by which its sections are numbered.

    `sections` are those that have begun, `within` the bytes that precede it in its shard; `shard`
    is what this is called in the export, where it was planned under another number. `licenses` has
    the number in the export of each license, by its number in the part.
    """

    images: int
    sections: frozenset[str]
    within: int = 0
    shard: str | None = None
    licenses: list[int] = field(default_factory=list)


class Layout:
    """The base of all layouts: names made of ids alone, licences and a card."""

    def __init__(self, plan: ExportPlan) -> None:
        self.plan = plan
        self.splits = sorted(plan.options.splits or ())
        columns = list_columns(plan.options.include_metadata)
        self.names = [*(column.name for column in columns), LEFT_OUT]
        self.classes = {label: index for index, label in enumerate(plan.labels)}

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the image's folder: empty, or ending in a slash."""
        return name_split_folder(entry.split)

    def find_extension(self, entry: ExportEntry) -> str:
        """Return what the image's name ends in, without the dot."""
        return entry.extension

    def name_image(self, entry: ExportEntry) -> str:
        """Return the image's name in the archive, which no other entry has.

        Raises `ValueError` when its digest, extension or split is not one.
        """
        if not (_EXTENSION.fullmatch(entry.extension) and _DIGEST.fullmatch(entry.sha256)):
            raise ValueError(f"image {entry.id} has no digest or extension to be named by")
        if entry.split is not None and entry.split not in self.splits:
            raise ValueError(f"image {entry.id} is in a split that the export does not have")
        suffix = f"-{entry.id.hex}" if entry.shares_content else ""
        key, extension = f"{entry.sha256[:_KEY_LENGTH]}{suffix}", self.find_extension(entry)
        return f"{self.find_folder(entry)}{key}.{extension}"

    def find_class_index(self, entry: ExportEntry) -> int | None:
        """Return the index of the image's label among the plan's, if it is there."""
        return None if entry.label is None else self.classes.get(entry.label)

    def make_companions(self, entry: ExportEntry, row: Row) -> Iterable[tuple[str, bytes]]:
        """Return the files that follow the image at once, by name and content."""
        return ()

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what the image adds to sections: name and bytes."""
        yield "licenses", to_sheet_line(row[name] for name in LICENSE_COLUMNS)
        if entry.rights:
            yield "rights", to_rights_lines(entry, str(row["file_name"]))

    def is_numbered(self, section: str, base: Preceding) -> bool:
        """Return whether a part's section differs in the export because of what precedes it."""
        return False

    def number(self, section: str, data: bytes, base: Preceding) -> bytes:
        """Return a part's section as it is in the export."""
        return data

    def describe(self, state: ExportState) -> dict[str, Any]:
        """Return the content of `dataset.json`."""
        return to_card(self.plan, state)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield the files that follow the last image."""
        yield ArchiveMember("LICENSES.csv", (to_sheet_line(LICENSE_COLUMNS), "licenses"))
        yield ArchiveMember("RIGHTS.parquet", ("rights",), write_rights_table)
        if "failures" in state.sections:
            heading = to_sheet_line(ExportFailure.model_fields)
            yield ArchiveMember("FAILURES.csv", (heading, "failures"))
        if self.plan.proof is not None:
            # In an order of its own: jsonb does not keep the order in which it was made.
            proof = json.dumps(self.plan.proof, indent=2, sort_keys=True)
            yield ArchiveMember("split_proof.json", (proof.encode() + b"\n",))
        summary = to_json(self.describe(state), indent=2)
        yield ArchiveMember("dataset.json", (summary + b"\n",))


def describe_lacks(state: ExportState) -> str:
    """Return lines of a README about images that lack something, or are not there."""
    lines = ""
    if count := sum(state.left_out.values()):
        lines += (
            f"{count} images lack parts of their files, as `left_out` in the metadata says: what "
            "may tell a place or an owner, or for which Pillow refuses them. No pixel is another; "
            "`sha256` is that of the whole file.\n"
        )
    if state.failed:
        lines += f"{state.failed} images could not be exported: see `FAILURES.csv`.\n"
    return lines


def name_split_folder(split: str | None) -> str:
    """Return a split's folder: empty for none, else a name that every system takes, and a slash."""
    if split is None:
        return ""
    reserved = make_slug(split) == f"file-{split}"  # a device's name on Windows
    return f"split-{split}/" if reserved else f"{split}/"


def name_label_folder(label: str | None, taken: Collection[str] = ()) -> str:
    """Return a class's folder; one that is taken is not given again, whatever the case of letters.

    So `Cat` and `cat` stay two, also where a file system does not tell them apart.
    """
    if not label:
        return ""
    folder = make_slug(label)
    exact = folder == re.sub(r"[\s_]+", "-", label.strip().lower())
    if not exact:
        folder = folder[:_FOLDER_LENGTH].rstrip("-")
    if _SPLIT_WORD.search(folder):
        folder, exact = "label" + re.sub(r"[-0-9]", "", folder), False
    if exact and f"{folder}/" in taken:
        folder, exact = folder[:_FOLDER_LENGTH].rstrip("-"), False
    return f"{folder}/" if exact else f"{folder}-{sha256(label.encode()).hexdigest()[:8]}/"


def name_label_folders(labels: Iterable[str]) -> dict[str, str]:
    """Return the folder of each class, all different."""
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for label in labels:
        folders[label] = name_label_folder(label, taken)
        taken.add(folders[label])
    return folders


def name_section(section: str, split: str | None) -> str:
    """Return the name under which a split's share of a section is gathered."""
    return section if split is None else f"{section}-{split}"
