"""Parquet files with images where parts run out of time: the rest lies in files of their own."""

import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.functions.exports.conftest import Export, download


def unpack(job: Any, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(download(job))) as archive:
        archive.extractall(folder)
    return folder


def load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), cache_dir=str(folder.parent / "cache"))["train"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:mlcroissant")
@pytest.mark.filterwarnings("ignore::FutureWarning:mlcroissant")
def test_files_that_are_added_keep_counts_and_order(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    import mlcroissant

    whole = load(unpack(export("zip", layout="huggingface"), tmp_path / "whole"), monkeypatch)
    monkeypatch.setattr("functions.exports.build.BUDGET", -1)
    folder = unpack(export("zip", layout="huggingface"), tmp_path / "cut")
    names = sorted(path.name for path in (folder / "data").iterdir())
    assert names == ["train-00000.parquet", "train-000009.parquet", "train-0000099.parquet"]
    with caplog.at_level(logging.WARNING):
        found = load(folder, monkeypatch)
    assert "dataset_info" not in caplog.text  # it takes all that the README says
    assert found.features == whole.features
    for column in ("image_id", "label"):
        assert found[column][:] == whole[column][:]
    assert [image.size for image in found["image"]] == [(64, 48)] * 3
    with caplog.at_level(logging.ERROR):
        records = [*mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).records("images")]
    assert [one["images/image_id"].decode() for one in records] == whole["image_id"][:]
    described = json.loads((folder / "croissant.json").read_text())["distribution"]
    assert [one["@id"] for one in described[1:]] == [f"data/{name}" for name in names]
