"""The layout of folders that `datasets` and torchvision read."""

import re
from collections.abc import Iterator
from typing import Any

from shared.exports.entries import QUALITY, UNKNOWN_NUMBER, ExportEntry, Row, to_typed_row
from shared.exports.image_files import make_image_table
from shared.exports.lacks import NOT_BY_DATASETS, NOT_BY_TORCHVISION
from shared.exports.layout import (
    ArchiveMember,
    Layout,
    describe_lacks,
    name_label_folder,
    name_label_folders,
    name_section,
    name_split_folder,
)
from shared.exports.lines import to_json
from shared.exports.plan import ExportPlan, ExportState

# What pyarrow may read as a moment when it infers the type of JSON strings (part of ISO 8601).
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]*(Z|[+-][0-9:]*)?)?")


class ImageFolder(Layout):
    """`[split/][label/]<key>.<ext>` and a `metadata.jsonl` per split, for Hugging Face `datasets`.

    `datasets` infers the types of each split from its first lines and refuses splits that differ:
    a text that is unknown is empty there, not null, and one that reads as a date ends in a space.
    Without `include_metadata` there is no such file where the folders say all that it would:
    `datasets` takes them for classes only if each split has two, and every image lies in one.
    """

    def __init__(self, plan: ExportPlan) -> None:
        super().__init__(plan)
        self._folders = name_label_folders(plan.labels)

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the split's folder, then the label's."""
        return name_split_folder(entry.split) + self._find_label_folder(entry.label)

    def _find_label_folder(self, label: str | None) -> str:
        """Return a class's folder, also of one that came after the export began."""
        known = self._folders.get(label or "")
        return known or name_label_folder(label, taken=self._folders.values())

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences and one of the split's metadata."""
        yield from super().make_records(entry, row, state)
        state.note_folder(entry.split or "", self._find_label_folder(entry.label))
        typed = to_typed_row({name: row[name] for name in self.names})
        shown = {name: _protect_text(value) for name, value in typed.items()}
        shown["file_name"] = str(row["file_name"]).removeprefix(name_split_folder(entry.split))
        del shown["split"]
        yield name_section("metadata", entry.split), to_json(shown) + b"\n"

    def describe(self, state: ExportState) -> dict[str, Any]:
        """Return the content of `dataset.json`, which tells each class's folder too."""
        folders = {label: folder.rstrip("/") for label, folder in self._folders.items()}
        return super().describe(state) | {"class_folders": folders}

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield each split's metadata, the licences, the card, and a card for the Hub."""
        for split in [None, *self.splits]:
            section = name_section("metadata", split)
            if section in state.sections and not self._folders_suffice(state):
                yield ArchiveMember(f"{name_split_folder(split)}metadata.jsonl", (section,))
        yield from super().make_closing_members(state)
        sections = [name_section("metadata", split) for split in (None, *self.splits)]
        yield from make_image_table(self.plan, state, sections, _restore_row)
        yield ArchiveMember("README.md", (self._make_readme(state).encode(),))

    def _list_patterns(self, state: ExportState) -> list[str]:
        endings = sorted({*state.extensions})
        described = "metadata" in state.sections and not self._folders_suffice(state)
        return [*(f"**/*.{ending}" for ending in endings), *["metadata.jsonl"] * described] or [
            "**"
        ]

    def _folders_suffice(self, state: ExportState) -> bool:
        is_passed_over = any(kind in state.counts.formats for kind in NOT_BY_DATASETS)
        return not (
            self.plan.options.include_metadata
            or is_passed_over
            or state.left_out
            or any("" in folders or len(folders) < 2 for folders in state.folders.values())
        )

    def _make_readme(self, state: ExportState) -> str:
        """Name the splits outright, as `datasets` finds by itself only those with usual names.

        It reads a folder as what most of its files are, and of as many images as there are tables
        it prefers Parquet. So where both lie in one folder, the images are named outright too.
        """
        files: list[dict[str, str | list[str]]] = [
            {"split": split.replace("-", "_"), "path": f"{name_split_folder(split)}**"}
            for split in self.splits
            if split in state.counts.splits
        ] or [{"split": "train", "path": self._list_patterns(state)}]
        return f"""---
pretty_name: {to_json(self.plan.name).decode()}
configs: {to_json([{"config_name": "default", "data_files": files}]).decode()}
---

`dataset.json` describes this dataset, `LICENSES.csv` tells whom to credit for each of its images \
({state.images}), `RIGHTS.parquet` what its site and its file said about its use.

Hugging Face `datasets` loads it, from the folder that it was unpacked to:

```python
from datasets import load_dataset
dataset = load_dataset("imagefolder", data_dir=".")
```

torchvision's `ImageFolder` takes the folder of one split, or this one where there are no splits. It
numbers the classes that it finds there: where a split may lack one, give it the numbers of all.
Unlike `datasets` it turns no picture by its EXIF; with `variant` or `resize` all are turned
already.

```python
import json
from torchvision.datasets import ImageFolder
folders = sorted(set(json.load(open("dataset.json"))["class_folders"].values()))
class Images(ImageFolder):
    def find_classes(self, directory):
        return folders, {{folder: number for number, folder in enumerate(folders)}}
dataset = Images("train", allow_empty=True)
```

{_warn(state)}"""


def _warn(state: ExportState) -> str:
    formats = {kind: state.counts.formats.get(kind, 0) for kind in NOT_BY_TORCHVISION}
    lines = [
        f"{count} images are {kind.upper()}, which torchvision passes over.\n"
        for kind, count in formats.items()
        if count
    ]
    if formats["avif"]:
        lines.append(
            "AVIF needs Pillow 11.3 or later. An export by a variant (JPEG, say) has none of it.\n"
        )
    if any("" in folders for folders in state.folders.values()):
        lines.append("Images without a label lie in no class's folder: torchvision sees none.\n")
    return "".join(lines) + describe_lacks(state)


def _restore_row(section: str, row: Row) -> Row:
    """Return a row of the table of all images, made of one of a split's metadata."""
    split = section.partition("-")[2] or None
    shown = {
        name: None if name in QUALITY and value == UNKNOWN_NUMBER else _restore_text(value)
        for name, value in row.items()
    }
    return shown | {"file_name": f"{name_split_folder(split)}{row['file_name']}", "split": split}


def _restore_text(value: str | float | None) -> str | float | None:
    if isinstance(value, str) and value.endswith(" ") and _MOMENT.fullmatch(value[:-1]):
        return value[:-1]
    return None if value == "" else value


def _protect_text(value: str | float | None) -> str | float | None:
    """Return a value in which nothing but a number can be read as anything but a text."""
    return f"{value} " if isinstance(value, str) and _MOMENT.fullmatch(value) else value
