"""Archives of real photographs, opened by the programs that people open them with."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.json
import pytest

from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportFormat, ExportJobCreate, ExportOptions, Layout
from tests.shared.exports.building import (
    HOSTILE,
    SPLITS,
    Photograph,
    build,
    photographs,
    relabel,
    split,
)

LABELS = ("coffee cup", "street cat")
CONTENTS = Counter(entry.sha256 for entry, _ in photographs())


@pytest.fixture(scope="module")
def datasets() -> Any:
    """Hugging Face `datasets`, kept off the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    return datasets


def extract(data: bytes, folder: Path) -> Path:
    """Unpack an archive beside a file that must stay alone, and return its folder."""
    target = folder / "extracted"
    target.mkdir()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            assert opened.testzip() is None
            opened.extractall(target)  # noqa: S202
    else:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as opened:
            opened.extractall(target, filter="data")
    assert list(folder.iterdir()) == [target]
    return target


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_all_images_and_what_describes_them(kind: ExportFormat, tmp_path: Path) -> None:
    found = files(extract(build(ExportPlan("photographs", kind), photographs(), 3), tmp_path))

    lines = [json.loads(line) for line in found.pop("metadata.jsonl").splitlines()]
    licenses = list(csv.DictReader(io.StringIO(found.pop("LICENSES.csv").decode(), newline="")))
    card = json.loads(found.pop("dataset.json"))
    assert found.pop("README.md")
    for name in ("RIGHTS.parquet", "IMAGES.parquet", "croissant.json"):
        assert found.pop(name)
    assert list(map(len, (lines, licenses, found))) == [len(photographs())] * 3
    for (entry, content), line, terms in zip(photographs(), lines, licenses, strict=True):
        assert found[line["file_name"]] == content
        assert terms["file_name"] == line["file_name"]
        assert line["sha256"] == entry.sha256
        assert line["caption"] == (entry.caption or "")
        assert line["label"] == (entry.label or "")
        assert (line["width"], line["height"]) == (entry.width, entry.height)
        assert terms["license"] == (entry.license or "")
        assert terms["original_url"] == entry.original_url
    assert card["images"] == len(photographs())
    assert card["name"] == "photographs"


def test_archive_programs_find_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "photographs.zip"
    path.write_bytes(build(ExportPlan("photographs", "zip"), photographs(), 2))
    programs = [[sys.executable, "-m", "zipfile", "-t"]]
    if unzip := shutil.which("unzip"):
        programs.append([unzip, "-tq"])
    for program in programs:
        tested = subprocess.run([*program, path], capture_output=True, text=True, check=True)
        assert re.search(r"Done testing|No errors detected", tested.stdout), tested.stdout


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        ("zip", "imagefolder"),
        ("tar", "imagefolder"),
        ("zip", "coco"),
        ("tar", "webdataset"),
    ],
)
def test_hostile_texts_stay_in_the_folder(
    kind: ExportFormat, layout: Layout, tmp_path: Path
) -> None:
    images = relabel(photographs(), HOSTILE)
    plan = ExportPlan("../../name", kind, ExportOptions(layout=layout), labels=tuple(HOSTILE))
    folder = extract(build(plan, images), tmp_path)

    assert len([name for name in files(folder) if name.endswith((".png", ".jpg"))]) == len(images)
    terms = files(folder).get("LICENSES.csv", b"")
    assert terms or layout == "webdataset"
    for cells in csv.reader(io.StringIO(terms.decode(), newline="")):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("splits", [None, SPLITS])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_hugging_face_reads_an_image_folder(
    kind: ExportFormat, splits: dict[str, float] | None, datasets: Any, tmp_path: Path
) -> None:
    images = list(photographs())
    hostile = relabel(images, HOSTILE) + images[len(HOSTILE) :]
    chosen = split(hostile, splits) if splits else hostile
    plan = ExportPlan("photographs", kind, ExportOptions(splits=splits))
    folder = extract(build(plan, chosen, 2), tmp_path)

    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )

    expected = Counter(entry.split or "train" for entry, _ in chosen)
    assert {name: len(rows) for name, rows in loaded.items()} == expected
    by_id = {str(entry.id): entry for entry, _ in chosen}
    for name, rows in loaded.items():
        for row in rows:
            entry = by_id.pop(row["image_id"])
            assert name == (entry.split or "train")
            assert row["image"].size == (entry.width, entry.height)
            assert row["label"] == (entry.label or "")
            assert row["caption"] == (entry.caption or "")
            assert row["license"] == (entry.license or "")
    assert not by_id


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-31",
        "2024-01-31 10",
        "2024-01-31T10:00Z",
        "2024-01-31 10:00:00+02:00",
    ],
)
def test_hugging_face_reads_dates_as_texts(moment: str, datasets: Any, tmp_path: Path) -> None:
    """Captions that are all dates in one split, and in the other are not."""
    chosen = [
        (replace(entry, caption=moment if entry.split == "train" else "a cat"), content)
        for entry, content in split(photographs(), {"train": 0.5, "test": 0.5})
    ]
    plan = ExportPlan("photographs", "zip", ExportOptions(splits={"train": 0.5, "test": 0.5}))
    folder = extract(build(plan, chosen), tmp_path)
    (line, *_) = (folder / "train" / "metadata.jsonl").read_bytes().splitlines()
    kept = {**json.loads(line), "caption": moment}
    guessed = pyarrow.json.read_json(io.BytesIO(json.dumps(kept).encode()))
    assert pyarrow.types.is_timestamp(guessed.schema.field("caption").type)  # so it matters

    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )

    assert {rows.features["caption"].dtype for rows in loaded.values()} == {"string"}
    assert {caption.strip() for caption in loaded["train"]["caption"]} == {moment}
    assert set(loaded["test"]["caption"]) == {"a cat"}


def test_hugging_face_reads_splits_of_any_name(datasets: Any, tmp_path: Path) -> None:
    splits = {"fold-1": 0.5, "con": 0.25, "holdout": 0.25}
    chosen = split(photographs(), splits)
    plan = ExportPlan('name: "quoted" # {', "zip", ExportOptions(splits=splits))
    folder = extract(build(plan, chosen), tmp_path)

    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))

    expected = Counter((entry.split or "").replace("-", "_") for entry, _ in chosen)
    assert {name: len(rows) for name, rows in loaded.items()} == expected


@pytest.mark.parametrize(
    "names",
    [
        {"train": "train", "validation": "validation", "test": "test"},
        {"training": "train", "dev": "validation", "eval": "test"},
        {"train": "train", "val": "validation", "testing": "test"},
        {"valid": "validation", "evaluation": "test"},
    ],
)
def test_no_image_of_a_split_lands_in_another(
    names: dict[str, str], datasets: Any, tmp_path: Path
) -> None:
    splits = dict.fromkeys(names, 1 / len(names))
    ExportJobCreate.model_validate({"name": "e", "format": "zip", "options": {"splits": splits}})
    chosen = split(photographs(), splits)
    options = ExportOptions(splits=splits, include_metadata=False)
    folder = extract(build(ExportPlan("photographs", "zip", options), chosen), tmp_path)

    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )

    expected = Counter(names[entry.split or ""] for entry, _ in chosen)
    assert {name: len(rows) for name, rows in loaded.items()} == expected


def test_without_metadata_folders_tell_the_classes(datasets: Any, tmp_path: Path) -> None:
    chosen = [(replace(entry, label="cat"), content) for entry, content in photographs()[:5]]
    chosen += [(replace(entry, label="dog"), content) for entry, content in photographs()[5:]]
    plan = ExportPlan("photographs", "zip", ExportOptions(include_metadata=False))
    folder = extract(build(plan, chosen), tmp_path)

    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )

    assert loaded["train"].features["label"].names == ["cat", "dog"]
    assert Counter(loaded["train"]["label"]) == {0: 5, 1: len(chosen) - 5}
    assert "LICENSES.csv" in files(folder)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_duplicates_keep_their_own_files(kind: ExportFormat, tmp_path: Path) -> None:
    entry, content = photographs()[0]
    images: list[Photograph] = [
        (entry, content),
        *((replace(entry, id=UUID(int=900 + n), shares_content=True), content) for n in range(3)),
    ]
    found = files(extract(build(ExportPlan("photographs", kind), images), tmp_path))

    assert [data for data in found.values() if data == content] == [content] * 4


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_empty_dataset_is_an_archive(kind: ExportFormat, tmp_path: Path) -> None:
    found = files(extract(build(ExportPlan("nothing", kind), ()), tmp_path))

    tables = {"IMAGES.parquet", "RIGHTS.parquet", "LICENSES.csv"}
    assert found.keys() == {*tables, "README.md", "croissant.json", "dataset.json"}
