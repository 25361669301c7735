"""A dataset that lies unpacked in a folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixmill.errors import BadSource
from pixmill.sources import PICTURES


class Dataset:
    """A folder that an export in the layout `imagefolder` was unpacked to.

    Raises `BadSource` for a folder that holds no image.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if next(self._list_files(), None) is None:
            raise BadSource(f"{self.folder} holds no images.")

    def to_datasets(self) -> Any:
        """Return it as Hugging Face's `datasets` loads it. Needs the package `datasets`."""
        import datasets

        return datasets.load_dataset("imagefolder", data_dir=str(self.folder))

    def to_pandas(self) -> Any:
        """Return a table of its files: path, split, label, and what their metadata says.

        Needs the package `pandas`.
        """
        import pandas

        return pandas.DataFrame(self.list_records())

    def list_records(self) -> list[dict[str, Any]]:
        """Return the rows of `to_pandas`."""
        metadata = self._read_metadata()
        return [self._describe(file, metadata.get(file, {})) for file in self._list_files()]

    def _describe(self, file: Path, told: dict[str, Any]) -> dict[str, Any]:
        folders = file.relative_to(self.folder).parts[:-1]
        split = folders[0] if folders and folders[0] in SPLITS else None
        label = folders[-1] if len(folders) > (1 if split else 0) else None
        return {"path": str(file), "split": split, "label": label, **told}

    def _list_files(self) -> Iterator[Path]:
        for file in sorted(self.folder.rglob("*")):
            if file.suffix.lower() in PICTURES and not file.name.startswith("."):
                yield file

    def _read_metadata(self) -> dict[Path, dict[str, Any]]:
        found: dict[Path, dict[str, Any]] = {}
        for table in self.folder.rglob("metadata.jsonl"):
            for line in table.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                name = row.pop("file_name", None)
                if isinstance(name, str):
                    found[table.parent / name] = row
        return found


SPLITS = (
    *("train", "training", "validation", "valid", "val", "dev"),
    *("test", "testing", "eval", "evaluation"),
)
