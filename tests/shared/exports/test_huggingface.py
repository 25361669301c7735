"""Parquet files with images, as `datasets` and pandas read them."""

import io
import json
import os
import tarfile
import zipfile
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet as pq

from shared.exports import parquet_files
from shared.exports.lines import to_yaml
from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import (
    HOSTILE,
    SPLITS,
    Photograph,
    build,
    in_formats,
    photographs,
    split,
)

LABELS = ("coffee cup", "street cat")
MIXED = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")


def write(
    images: list[Photograph],
    labels: tuple[str, ...] = (),
    kind: Any = "zip",
    **options: Any,
) -> bytes:
    wanted = ExportOptions(layout="huggingface", **options)
    return build(ExportPlan("photographs", kind, wanted, labels), images)


def unpack(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder / "unpacked")  # noqa: S202
    return folder / "unpacked"


def load(folder: Path) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), cache_dir=str(folder.parent / "cache"))


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close files when they have some images."""
    monkeypatch.setattr(parquet_files, "OPEN_BYTES", 30_000)


@pytest.mark.usefixtures("small_files")
def test_a_folder_loads_without_casting(tmp_path: Path) -> None:
    images = split(in_formats(*MIXED, count=60), SPLITS)
    folder = unpack(write(images, ("cat", "dog"), splits=SPLITS), tmp_path)
    loaded = load(folder)

    import datasets

    assert loaded.num_rows == Counter(entry.split for entry, _ in images)
    for name, rows in loaded.items():
        assert rows.features["image"] == datasets.Image()
        assert rows.features["label"] == datasets.ClassLabel(names=["cat", "dog"])
        assert rows.features["sharpness"] == datasets.Value("float64")
        expected = [entry for entry, _ in images if entry.split == name]
        for row, entry in zip(rows, expected, strict=True):
            assert row["image"].size == (entry.width, entry.height)
            assert row["label"] == (0 if entry.label else -1)
            assert (row["sha256"], row["license"]) == (entry.sha256, entry.license)
            assert row["image_id"] == str(entry.id)
    assert len(list(folder.glob("data/train-*.parquet"))) > 1


def test_classes_have_one_number_also_where_a_split_lacks_them(tmp_path: Path) -> None:
    labels = ("cat", "dog", "owl")
    images = [
        (replace(entry, label=labels[n % 3], split="test" if n % 3 == 1 else "train"), content)
        for n, (entry, content) in enumerate(in_formats("PNG"))
    ]
    loaded = load(unpack(write(images, labels, splits=SPLITS), tmp_path))
    assert {*loaded["train"]["label"]} == {0, 2}
    assert {*loaded["test"]["label"]} == {1}
    assert "validation" not in loaded


def test_labels_that_are_hard_to_write_down(tmp_path: Path) -> None:
    labels = tuple(
        sorted({*HOSTILE, "NA", "null", "yes", "1e3", "~", "😀", "\x7f", "\x85 \u2028", "{a: b}"})
    )
    images = [
        (replace(entry, label=labels[n % len(labels)]), content)
        for n, (entry, content) in enumerate(in_formats("PNG", count=len(labels)))
    ]
    rows = load(unpack(write(images, labels), tmp_path))["train"]
    assert tuple(rows.features["label"].names) == labels
    assert rows["label"][:] == [*range(len(labels))]


@pytest.mark.parametrize("include_metadata", [True, False])
def test_without_classes_there_is_no_label(tmp_path: Path, include_metadata: bool) -> None:
    images = [(replace(entry, label=None), content) for entry, content in in_formats("JPEG")]
    rows = load(unpack(write(images, include_metadata=include_metadata), tmp_path))["train"]
    assert "label" not in rows.features
    assert ("caption" in rows.features) == include_metadata
    assert len(rows) == len(images)


def test_real_photographs_keep_their_bytes_and_columns(tmp_path: Path) -> None:
    folder = unpack(write(list(photographs()), LABELS), tmp_path)
    assert len(pd.read_parquet(folder / "data")) == len(photographs())
    rows = pq.read_table(folder / "data").to_pylist()
    for row, (entry, content) in zip(rows, photographs(), strict=True):
        assert row["image"]["bytes"] == content
        assert row["image"]["path"] == f"{entry.sha256[:32]}.{entry.extension}"
        assert (row["width"], row["file_size"]) == (entry.width, len(content))
        assert row["label"] == (LABELS.index(entry.label) if entry.label else -1)
        assert json.loads(row["metadata"] or "{}") == entry.metadata


def test_groups_of_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_files, "GROUP_BYTES", 20_000)
    (path,) = unpack(write(in_formats("JPEG", "BMP", count=300)), tmp_path).glob("data/*")
    seen = pq.ParquetFile(path).metadata
    groups = [seen.row_group(number) for number in range(seen.num_row_groups)]
    assert sum(group.num_rows for group in groups) == 300
    assert max(group.num_rows for group in groups) <= 100
    image = groups[0].column(0)
    assert (image.path_in_schema, image.compression) == ("image.bytes", "UNCOMPRESSED")
    assert max(group.column(0).total_uncompressed_size for group in groups) < 25_000
    assert not image.is_stats_set


def test_what_lies_beside(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(write(in_formats("PNG"), ("cat",), "tar"))) as archive:
        names = archive.getnames()
        licences = archive.extractfile("LICENSES.csv").read().decode()  # type: ignore[union-attr]
    assert names == [
        *("data/train-00000.parquet", "LICENSES.csv", "RIGHTS.parquet"),
        *("dataset.json", "croissant.json", "README.md"),
    ]
    key = in_formats("PNG")[0][0].sha256[:32]
    assert f"data/train-00000.parquet/{key}.png" in licences


def test_nothing_at_all_is_still_an_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(write([]))) as archive:
        assert not [name for name in archive.namelist() if name.endswith("00.parquet")]


def test_yaml_reads_any_text() -> None:
    yaml = import_module("yaml")  # which `datasets` brings along, without types
    texts = [chr(number) for number in (*range(0x300), 0x2028, 0xFEFF, 0xFFFE, 0x1F600)]
    assert yaml.safe_load(to_yaml(texts)) == texts
