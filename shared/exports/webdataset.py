"""The layout of tars of samples."""

import csv
import io
import json
from collections.abc import Iterator

from shared.exports.entries import ExportEntry, Row, to_typed_row
from shared.exports.layout import ArchiveMember, Layout, Preceding, describe_lacks
from shared.exports.lines import to_csv_line, to_json
from shared.exports.naming import UNSPLIT
from shared.exports.plan import ExportState
from shared.exports.rights import to_shown_signal


class WebDataset(Layout):
    """`<key>.<ext>`, then its `.json`, `.txt` (caption) and `.cls` (class index).

    Readers take every file for a part of a sample, so there are no others, and all samples have the
    same: an unknown text is empty, an unknown number −1, and images end in `plan.extension` also
    where they are of another format, which readers know by content.

    With splits, or where shards are asked for, the export is a tar of such tars, of each split a
    set of its own, with indexes, licences and a card beside them; a reader takes what is in one tar
    for one split.
    """

    def find_folder(self, entry: ExportEntry) -> str:
        """Return an empty text: samples of different splits lie in different tars."""
        return ""

    def find_extension(self, entry: ExportEntry) -> str:
        """Return what all images' names end in."""
        return self.plan.extension or entry.extension

    def make_companions(self, entry: ExportEntry, row: Row) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the sample beside the image."""
        key = str(row["file_name"]).rpartition(".")[0]
        shown = to_typed_row({name: row[name] for name in self.names})
        # With shards there is a place for a table beside the samples.
        if not self.plan.options.is_sharded:
            shown["rights"] = to_json([to_shown_signal(signal) for signal in entry.rights]).decode()
        yield f"{key}.json", to_json(shown)
        if self.plan.options.include_metadata:
            yield f"{key}.txt", (entry.caption or "").encode()
        if self.classes:
            index = self.find_class_index(entry)
            yield f"{key}.cls", b"%d" % (-1 if index is None else index)

    def make_records(
        self, entry: ExportEntry, row: Row, state: ExportState
    ) -> Iterator[tuple[str, bytes]]:
        """Yield a line of the licences where these are a file of their own."""
        if self.plan.options.is_sharded:
            shown = f"{state.shard}.tar/{row['file_name']}"
            yield from super().make_records(entry, row | {"file_name": shown}, state)

    def is_numbered(self, section: str, base: Preceding) -> bool:
        """Return whether a section has places in a shard, or its name, that differ in the export.

        Places do where the shard began in another part, names where one before it is left out.
        """
        if section.startswith(name_index("")):
            return base.within > 0
        return base.shard is not None and section in ("licenses", "rights")

    def number(self, section: str, data: bytes, base: Preceding) -> bytes:
        """Return an index with the places in the shard, or lines with the name that it has."""
        if base.shard is not None and section == "licenses":
            cells = csv.reader(io.StringIO(data.decode(), newline=""))
            return b"".join(to_csv_line([_move(name, base.shard), *rest]) for name, *rest in cells)
        if base.shard is not None and section == "rights":
            rows = map(json.loads, io.BytesIO(data))
            return b"".join(
                to_json([_move(name, base.shard), *rest]) + b"\n" for name, *rest in rows
            )
        lines = []
        for line in io.BytesIO(data):
            place = json.loads(line)
            lines.append(to_json(place | {"offset": place["offset"] + base.within}) + b"\n")
        return b"".join(lines)

    def make_closing_members(self, state: ExportState) -> Iterator[ArchiveMember]:
        """Yield what stands beside the tars; in a tar it would be a sample."""
        if self.plan.options.is_sharded:
            yield from super().make_closing_members(state)
            yield ArchiveMember("README.md", (self._make_readme(state).encode(),))

    def _make_readme(self, state: ExportState) -> str:
        splits = [split for split in self.splits if split in state.counts.splits]
        names = {split.replace("-", "_"): f"{split}-*.tar" for split in splits}
        names = names or {"train": f"{UNSPLIT}-*.tar"}
        first = next(iter(names.values()))
        files = [{"split": split, "path": path} for split, path in names.items()]
        return f"""---
pretty_name: {to_json(self.plan.name).decode()}
configs: {to_json([{"config_name": "default", "data_files": files}]).decode()}
---

`dataset.json` describes this dataset, `LICENSES.csv` tells whom to credit for each of its images \
({state.images}), `RIGHTS.parquet` what its site and its file said about its use. The tars hold \
samples and nothing else.

Hugging Face `datasets` and `webdataset` load them, from the folder that they were unpacked to:

```python
from datasets import load_dataset
dataset = load_dataset("webdataset", data_files={to_json(names).decode()})
```

```python
from glob import glob
from webdataset import WebDataset
samples = WebDataset(sorted(glob("{first}")), shardshuffle=False)
```

Beside each tar a `.jsonl` tells of each of its samples the key, where it lies in the tar (`offset`
and `length` in bytes, its headers included) and the SHA-256 of these bytes. `shards.json` lists the
tars, with their places in the file in which all of this was packed.

Names end alike also where images are of different formats: readers go by the content. Unlike
`datasets`, `webdataset` turns no picture by its EXIF; with `variant` or `resize` all are turned
already.
{describe_lacks(state)}"""


def _move(file_name: str | None, shard: str) -> str | None:
    """Return the path of an image in another shard; an image that is left out has none."""
    return file_name and f"{shard}.tar/{file_name.partition('/')[2]}"


def name_index(shard: str) -> str:
    """Return the name of the section that has the index of a shard."""
    return f"index-{shard}"
