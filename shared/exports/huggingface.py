"""The layout of Parquet files that hold the images, for Hugging Face `datasets`."""

from collections.abc import Iterator
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
from shared.exports.entries import LEFT_OUT_COLUMN, Column, ExportEntry, Row, list_columns
from shared.exports.layout import ArchiveMember, Layout, Preceding, describe_lacks
from shared.exports.lines import to_json, to_yaml
from shared.exports.plan import ExportState

UNSPLIT = "train"  # what `datasets` calls images that are in no split
# Columns that are not in these files: a path and a split that the files tell, and the label's text.
_LEFT_TO_FILES = ("file_name", "split", "label")
UNKNOWN_CLASS = -1
FILES = "parquet-files"  # the section that lists them for `croissant.json`
# Stands for what that section holds. No text has such a letter.
_PLACE_ID = "\0"
_PLACE = to_json({"@id": _PLACE_ID})


class HuggingFace(Layout):
    """`data/<split>-00000.parquet`: a row has an image, its class's number and its columns.

    The features stand in each file and in the README, the same in all of them, since `datasets`
    takes those of the first file that it reads. An unknown class is −1.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        listed = list_columns(self.plan.options.include_metadata)
        self.columns = [
            *(column for column in listed if column.name not in _LEFT_TO_FILES),
            LEFT_OUT_COLUMN,
        ]

    def find_folder(self, entry: ExportEntry) -> str:  # noqa: ARG002
        """Return an empty text: the files are the folders."""
        return ""

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences, and of the signals."""
        shown = f"{name_parquet_file(state)}/{row['file_name']}"
        yield from super().make_records(entry, row | {"file_name": shown}, state)

    def is_numbered(self, section: str, base: Preceding) -> bool:
        """Return whether a section goes on with the list of files."""
        return section == FILES and section in base.sections

    def number(self, section: str, data: bytes, base: Preceding) -> bytes:  # noqa: ARG002
        """Return the list of a part's files behind those of others."""
        return b",\n" + data

    def make_row(self, entry: ExportEntry, row: Row) -> Row:
        """Return the image's row but for its bytes."""
        shown = {column.name: row[column.name] for column in self.columns}
        if not self.classes:
            return shown
        index = self.find_class_index(entry)
        return {"label": UNKNOWN_CLASS if index is None else index} | shown

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield the licences, the cards, and the README by which `datasets` loads all of it."""
        yield from super().make_closing_members(state)
        head, _, tail = to_json(self._describe_records(state)).partition(_PLACE)
        files = [FILES] if FILES in state.sections else []
        yield ArchiveMember("croissant.json", (head, *files, tail))
        yield ArchiveMember("README.md", (self._make_readme(state).encode(),))

    def _describe_records(self, state: ExportState) -> dict[str, Any]:
        """Return the content of `croissant.json`, but for the files."""
        split = r"^.*data/(.+)-[0-9]+\.parquet$"
        path = extract("parquet", fileProperty="fullpath") | {"transform": {"regex": split}}
        image = extract("parquet", column="image") | {"transform": {"jsonPath": "bytes"}}
        number = Column("label", "int64", "Class, by its number", False)
        fields = [
            describe_field("images", "image", "sc:ImageObject", "The image", image),
            describe_field("images", "split", "sc:Text", "Part of the dataset", path),
            *describe_columns("images", "parquet", [number] if self.classes else []),
            *describe_columns("images", "parquet", self.columns),
        ]
        place = [{"@id": _PLACE_ID}] if FILES in state.sections else []
        files = describe_file_set("parquet", [PARQUET], "data/*.parquet")
        records = [describe_records("images", "image_id", fields)]
        return describe_croissant(self.plan, state, [files, *place], records)

    @property
    def features(self) -> dict[str, Any]:
        """The features as the metadata of a Parquet file states them."""
        label = {"label": {"names": list(self.plan.labels), "_type": "ClassLabel"}}
        return {
            "image": {"_type": "Image"},
            **(label if self.classes else {}),
            **{one.name: {"dtype": _to_dtype(one), "_type": "Value"} for one in self.columns},
        }

    def _describe_features(self) -> list[dict[str, Any]]:
        """Return the features as a README states them."""
        names = {str(number): label for label, number in self.classes.items()}
        label = [{"name": "label", "dtype": {"class_label": {"names": names}}}]
        return [
            {"name": "image", "dtype": "image"},
            *(label if self.classes else []),
            *({"name": one.name, "dtype": _to_dtype(one)} for one in self.columns),
        ]

    def _make_readme(self, state: ExportState) -> str:
        counts = state.counts.splits if self.splits else {UNSPLIT: state.images}
        splits = [split for split in self.splits or [UNSPLIT] if counts.get(split)]
        names = {split: split.replace("-", "_") for split in splits}
        files = [{"split": names[one], "path": f"data/{one}-*.parquet"} for one in splits]
        # Without `splits`, which `datasets` takes only with the size of each in memory.
        info = {"features": self._describe_features()}
        return f"""---
pretty_name: {to_yaml(self.plan.name)}
dataset_info: {to_yaml(info)}
configs: {to_yaml([{"config_name": "default", "data_files": files}])}
---

`dataset.json` describes this dataset, `LICENSES.csv` tells whom to credit for each of its images \
({state.images}), `RIGHTS.parquet` what its site and its file said about its use.

Hugging Face `datasets` loads it, from the folder that it was unpacked to, with images decoded and
classes numbered alike in every split ({UNKNOWN_CLASS} where there is none):

```python
from datasets import load_dataset
dataset = load_dataset(".")
```

pandas and others read the files in `data/` as they are: `image` has the file's `bytes`, and its
name as `path`.

{describe_lacks(state)}"""


def name_parquet_file(state: ExportState) -> str:
    """Return the name of the file to which rows of a part go at present."""
    number = f"{state.members:03d}" if state.members else ""  # digits only, as the split is before
    return f"data/{state.shard}{number}.parquet"


def encode_features(layout: HuggingFace) -> bytes:
    """Return the value of the key `huggingface` of a file's metadata."""
    return to_json({"info": {"features": layout.features}})


def _to_dtype(column: Column) -> str:
    """Return what `datasets` calls a column's type."""
    return "float64" if column.type == "double" else column.type
