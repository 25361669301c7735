"""Where images and their descriptions lie in an archive, for the tools that read it."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from shared.exports.entries import LICENSE_COLUMNS, ExportEntry, Row, list_columns
from shared.exports.lines import to_csv_line, to_json
from shared.exports.plan import UNKNOWN, ExportPlan, ExportState, to_card
from shared.schemas.exports import ExportFailure
from shared.texts import slug

_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Makes a folder a split for Hugging Face, wherever it lies (datasets.data_files).
_SPLIT_WORD = re.compile(
    r"(^|[-0-9])(train(ing)?|valid(ation)?|val|dev|test(ing)?|eval(uation)?)([-0-9]|$)"
)
# What pyarrow may read as a moment when it infers the type of JSON strings (part of ISO 8601).
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]*(Z|[+-][0-9:]*)?)?")
_KEY_LENGTH = 32  # 128 bits: nobody can make two images that share a name
_FOLDER_LENGTH = 40


class ArchiveMember(NamedTuple):
    """A file of the archive: bytes, and names of sections that were gathered, in order."""

    name: str
    pieces: tuple[bytes | str, ...]


class Layout:
    """What all layouts share: names of which no byte is a person's, licences and a card."""

    folder = ""  # of the licences and the card

    def __init__(self, plan: ExportPlan) -> None:
        self.plan = plan
        self.splits = sorted(plan.options.splits or ())
        self.columns = list_columns(plan.options.include_metadata)
        self.classes = {label: index for index, label in enumerate(plan.labels)}

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the image's folder: empty, or ending in a slash."""
        return _split_folder(entry.split)

    def name_image(self, entry: ExportEntry) -> str:
        """Return the image's name in the archive, which no other entry has.

        Raises `ValueError` when its digest, extension or split is not one.
        """
        if not (_EXTENSION.fullmatch(entry.extension) and _DIGEST.fullmatch(entry.sha256)):
            raise ValueError(f"image {entry.id} has no digest or extension to be named by")
        if entry.split is not None and entry.split not in self.splits:
            raise ValueError(f"image {entry.id} is in a split that the export does not have")
        suffix = f"-{entry.id.hex}" if entry.duplicate else ""
        return f"{self.find_folder(entry)}{entry.sha256[:_KEY_LENGTH]}{suffix}.{entry.extension}"

    def class_index(self, entry: ExportEntry) -> int | None:
        """Return the index of the image's label among the plan's, if it is there."""
        return None if entry.label is None else self.classes.get(entry.label)

    def make_companions(self, entry: ExportEntry, row: Row) -> Iterable[tuple[str, bytes]]:
        """Files that follow the image at once: name and content."""
        return ()

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what the image adds to sections: name and bytes."""
        yield "licenses", to_csv_line(row[name] for name in LICENSE_COLUMNS)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield the files that follow the last image."""
        yield ArchiveMember(
            f"{self.folder}LICENSES.csv", (to_csv_line(LICENSE_COLUMNS), "licenses")
        )
        if "failures" in state.sections:
            heading = to_csv_line(ExportFailure.model_fields)
            yield ArchiveMember(f"{self.folder}FAILURES.csv", (heading, "failures"))
        summary = to_json(to_card(self.plan, state), indent=2)
        yield ArchiveMember(f"{self.folder}dataset.json", (summary + b"\n",))


class ImageFolder(Layout):
    """`[split/][label/]<key>.<ext>` and a `metadata.jsonl` per split, for Hugging Face `datasets`.

    `datasets` infers the types of each split from its first lines and refuses splits that differ:
    a text that is unknown is empty there, not null, and one that reads as a date ends in a space.
    """

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the split's folder, then the label's."""
        return _split_folder(entry.split) + _label_folder(entry.label)

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences and one of the split's metadata."""
        yield from super().make_records(entry, row, state)
        if self.plan.options.include_metadata:
            shown = {name: _always_text(value) for name, value in row.items()}
            shown["file_name"] = str(row["file_name"]).removeprefix(_split_folder(entry.split))
            del shown["split"]
            yield _of_split("metadata", entry.split), to_json(shown) + b"\n"

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Each split's metadata, the licences, the card, and a card for the Hub."""
        for split in [None, *self.splits]:
            section = _of_split("metadata", split)
            if section in state.sections:
                yield ArchiveMember(f"{_split_folder(split)}metadata.jsonl", (section,))
        yield from super().make_closing_members(state)
        yield ArchiveMember("README.md", (self._readme(state),))

    def _readme(self, state: ExportState) -> bytes:
        """Names the splits outright, as `datasets` finds by itself only those with usual names."""
        files = [
            {"split": split.replace("-", "_"), "path": f"{_split_folder(split)}**"}
            for split in self.splits
            if split in state.counts.splits
        ] or [{"split": "train", "path": "**"}]
        return (
            b"---\n"
            b"pretty_name: " + to_json(self.plan.name) + b"\n"
            b"configs: " + to_json([{"config_name": "default", "data_files": files}]) + b"\n"
            b"---\n\n"
            b"`dataset.json` describes this dataset, `LICENSES.csv` tells whom to credit for each "
            b"of its images (%d).\n" % state.images
        )


class WebDataset(Layout):
    """`[split/]<key>.<ext>`, then its `.json`, `.txt` (caption) and `.cls` (class index).

    All samples have the same files: an unknown caption is empty, an unknown class −1. Readers skip
    a folder in double underscores, so that licences and card are no sample.
    """

    folder = "__dataset__/"

    def make_companions(self, entry: ExportEntry, row: Row) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the sample beside the image."""
        key = str(row["file_name"]).rpartition(".")[0]
        if self.plan.options.include_metadata:
            yield f"{key}.json", to_json(row)
            yield f"{key}.txt", (entry.caption or "").encode()
        if self.classes:
            index = self.class_index(entry)
            yield f"{key}.cls", b"%d" % (-1 if index is None else index)


class Coco(Layout):
    """`images/` or `<split>/`, and `annotations/<split>.json` as COCO describes data.

    An annotation gives an image its category, by a box around all of it: readers and evaluation
    tools ask for `bbox`, `area` (pixels), `segmentation` and `iscrowd`. Ids of images and of
    annotations are unique over all splits. License 0 is unknown, or beyond the first 1000
    (`LICENSES.csv` has them all).
    """

    def find_folder(self, entry: ExportEntry) -> str:
        """Return the split's folder, or `images/`."""
        return _split_folder(entry.split) or "images/"

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences, an image, and an annotation when the class is known."""
        yield from super().make_records(entry, row, state)
        number = state.images + 1
        image = {
            "id": number,
            "file_name": str(row["file_name"]).rpartition("/")[2],
            "width": entry.width,
            "height": entry.height,
            "coco_url": entry.original_url or "",
            "license": state.number_license(entry.license),
        }
        if self.plan.options.include_metadata:
            image["caption"] = entry.caption or ""
        items = {"images": image}
        if (index := self.class_index(entry)) is not None:
            width, height = entry.width, entry.height
            items["annotations"] = {
                "id": number,
                "image_id": number,
                "category_id": index + 1,
                "bbox": [0, 0, width, height],
                "segmentation": [[0, 0, width, 0, width, height, 0, height]],
                "area": width * height,
                "iscrowd": 0,
            }
        for kind, item in items.items():
            section = _of_split(kind, entry.split)
            yield section, (b",\n" if section in state.sections else b"") + to_json(item)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield a document for each split, the licences and the card."""
        rest = {
            "categories": [{"id": i + 1, "name": label} for label, i in self.classes.items()],
            "licenses": [
                {"id": i, "name": name, "url": name if name.startswith("https://") else ""}
                for i, name in enumerate([UNKNOWN, *state.licenses])
            ],
            "info": {"description": self.plan.name, "version": self.plan.version},
        }
        for split in [None, *self.splits]:
            images, annotations = _of_split("images", split), _of_split("annotations", split)
            if images in state.sections:
                pieces: tuple[bytes | str, ...] = (
                    b'{"images":[\n',
                    images,
                    b'\n],"annotations":[\n',
                    *([annotations] if annotations in state.sections else []),
                    b"\n]," + to_json(rest)[1:] + b"\n",
                )
                yield ArchiveMember(f"annotations/{split or 'images'}.json", pieces)
        yield from super().make_closing_members(state)


def make_layout(plan: ExportPlan) -> Layout:
    """Return the layout of a plan's archive; tables name images as an image folder does."""
    if plan.format == "zip" and plan.options.layout == "webdataset":
        raise ValueError("webdataset is read from tar only")
    kinds = {"imagefolder": ImageFolder, "webdataset": WebDataset, "coco": Coco}
    return kinds[plan.options.layout if plan.format in ("zip", "tar") else "imagefolder"](plan)


def _always_text(value: str | int | None) -> str | int:
    """Return a value in which nothing but a number can be read as anything but a text."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return f"{value} "
    return "" if value is None else value


def _split_folder(split: str | None) -> str:
    if split is None:
        return ""
    reserved = slug(split) == f"file-{split}"  # a device's name on Windows
    return f"split-{split}/" if reserved else f"{split}/"


def _label_folder(label: str | None) -> str:
    """Return a class's folder; labels that differ in more than case and spaces do not share one."""
    if not label:
        return ""
    folder = slug(label)
    exact = folder == re.sub(r"[\s_]+", "-", label.strip().lower())
    if not exact:
        folder = folder[:_FOLDER_LENGTH].rstrip("-")
    if _SPLIT_WORD.search(folder):
        folder, exact = "label" + re.sub(r"[-0-9]", "", folder), False
    return f"{folder}/" if exact else f"{folder}-{sha256(label.encode()).hexdigest()[:8]}/"


def _of_split(section: str, split: str | None) -> str:
    return section if split is None else f"{section}-{split}"
