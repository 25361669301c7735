"""Folders of classes, read by Hugging Face `datasets` with and without the metadata."""

import json
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import Photograph, build, in_formats

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
Unpack = Callable[..., Path]
SPLITS = {"train": 0.5, "test": 0.5}


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    def run(images: Sequence[Photograph], **options: Any) -> Path:
        labels = sorted({entry.label for entry, _ in images if entry.label})
        plan = ExportPlan("pictures", "zip", ExportOptions(**options), tuple(labels))
        with zipfile.ZipFile(BytesIO(build(plan, images, 3))) as archive:
            archive.extractall(tmp_path / "pictures")
        return tmp_path / "pictures"

    return run


def load(folder: Path) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    cache = str(folder.parent / "cache")
    return datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=cache)


def put(
    images: Sequence[Photograph], labels: Sequence[str | None], splits: Sequence[str | None]
) -> list[Photograph]:
    """Give images these labels and splits in turn."""
    return [
        (
            replace(entry, label=labels[n % len(labels)], split=splits[n % len(splits)]),
            content,
        )
        for n, (entry, content) in enumerate(images)
    ]


@pytest.mark.parametrize(
    ("formats", "labels", "splits", "are_folders_enough"),
    [
        (("PNG", "GIF", "WEBP", "TIFF", "BMP"), ("cat", "dog"), (None,), True),
        (("PNG",), ("cat", "cat", "dog", "dog"), ("train", "test"), True),
        (("PNG",), ("cat", "cat", "dog", "dog", "owl", "cat"), ("train", "test"), True),
        # Without one for each image, one of two kinds for each split, and of kinds that are found.
        (("PNG",), ("cat", None), (None,), False),
        (("PNG",), ("cat", "dog", ""), (None,), False),
        (("PNG",), ("cat",), (None,), False),
        (("PNG",), (None,), (None,), False),
        (("PNG",), ("cat", "dog"), ("train", "test"), False),
        (("PNG",), ("cat", "cat", "dog", "cat"), ("train", "test"), False),
        (("PNG", "AVIF"), ("cat", "cat", "dog", "dog"), (None,), False),
    ],
)
def test_labels_are_read_without_the_metadata(
    formats: tuple[str, ...],
    labels: tuple[str | None, ...],
    splits: tuple[str | None, ...],
    are_folders_enough: bool,
    unpack: Unpack,
) -> None:
    images = put(in_formats(*formats), labels, splits)
    shares = SPLITS if splits[0] else None
    folder = unpack(images, include_metadata=False, splits=shares)

    loaded = load(folder)

    seen = {}
    assert len({str(rows.features) for rows in loaded.values()}) == 1
    for split, rows in loaded.items():
        names = getattr(rows.features["label"], "names", None)
        assert (names is not None) == are_folders_enough
        for row in rows:
            label = names[row["label"]] if names else row["label"]
            seen[row["image"].size] = (split, label)
    assert seen == {
        (entry.width, entry.height): (entry.split or "train", entry.label or "")
        for entry, _ in images
    }
    metadata = {path.parent.name for path in folder.rglob("metadata.jsonl")}
    named = {"pictures"} if shares is None else set(SPLITS)
    assert metadata == (set() if are_folders_enough else named)


def test_no_unlabelled_image_lies_in_a_class(unpack: Unpack) -> None:
    images = put(in_formats("PNG"), ("cat", None, "dog"), ("train", "test"))
    folder = unpack(images, include_metadata=False, splits=SPLITS)

    found = {
        path.stem: path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.png")
    }

    assert found == {
        entry.sha256[:32]: f"{entry.split}/{entry.label}" if entry.label else entry.split
        for entry, _ in images
    }


def test_the_card_gives_each_class_its_folder(unpack: Unpack) -> None:
    """A reader of one split numbers the classes that it has, so it must be told of the others."""
    images = put(in_formats("PNG"), ("Train station", "b cat"), ("train", "test"))
    folder = unpack(images, splits=SPLITS)

    card = json.loads((folder / "dataset.json").read_bytes())

    for label, name in card["class_folders"].items():
        assert list(folder.glob(f"*/{name}/*.png")), label
    assert list(card["class_folders"]) == card["classes"] == ["Train station", "b cat"]
    assert 'class_folders"' in (folder / "README.md").read_text()


def test_the_readme_says_what_torchvision_passes_over(unpack: Unpack) -> None:
    images = in_formats("PNG", "GIF", "AVIF", count=6)
    text = (unpack(images) / "README.md").read_text()
    assert "2 images are GIF, which torchvision passes over." in text
    assert "2 images are AVIF, which torchvision passes over." in text
    assert "Pillow 11.3" in text


class Folder:
    """Stands in for torchvision's `ImageFolder`: it finds what that one of 0.28 finds."""

    def __init__(self, root: str, *, allow_empty: bool = False) -> None:
        kinds = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
        classes, numbers = self.find_classes(root)
        found = {name: [*(Path(root) / name).rglob("*")] for name in classes}
        if not allow_empty and not all(found.values()):
            raise FileNotFoundError(root)
        self.samples = [
            (path.stem, numbers[name])
            for name in classes
            for path in sorted(found[name])
            if path.suffix in kinds
        ]

    def find_classes(self, directory: str) -> tuple[list[str], dict[str, int]]:
        raise NotImplementedError


def test_the_lines_for_torchvision_number_classes_alike_in_every_split(
    unpack: Unpack, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ("cat", "cat", "Train station", "cat", None, None)  # the station is in one split only
    images = put(in_formats("PNG"), labels, ("train", "test"))
    folder = unpack(images, splits=SPLITS)
    text = (folder / "README.md").read_text()
    assert "Images without a label lie in no class's folder" in text
    code = text.split("```python\n")[2].split("```")[0]
    module = ModuleType("torchvision.datasets")
    monkeypatch.setattr(module, "ImageFolder", Folder, raising=False)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", module)
    monkeypatch.chdir(folder)

    numbers = {"cat": 0, "Train station": 1}
    for split in SPLITS:
        names: dict[str, Any] = {}
        exec(code.replace('"train"', f'"{split}"'), names)  # noqa: S102
        assert sorted(names["dataset"].samples) == sorted(
            (entry.sha256[:32], numbers[entry.label])
            for entry, _ in images
            if entry.split == split and entry.label
        )


def test_the_readme_has_no_word_of_what_is_not_there(unpack: Unpack) -> None:
    images = put(in_formats("PNG"), ("cat", "dog"), (None,))
    text = (unpack(images) / "README.md").read_text()
    assert "passes over" not in text
    assert "without a label" not in text
    assert "Pillow" not in text


def test_the_lines_of_the_readme_load_it(
    unpack: Unpack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = unpack(in_formats("PNG"))
    monkeypatch.chdir(folder)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    code = (folder / "README.md").read_text().split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    assert names["dataset"].num_rows == {"train": 12}
