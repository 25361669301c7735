"""Croissant 1.1 as `mlcroissant` reads it."""

import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet as pq

from shared.exports import parquet_files
from shared.exports.plan import ExportPlan
from shared.schemas.exports import ExportOptions
from tests.shared.exports.building import SPLITS, Photograph, build, in_formats, photographs, split

LABELS = ("007", "NA")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlcroissant"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlcroissant"),
]


def unpack(
    folder: Path, images: list[Photograph], labels: tuple[str, ...] = LABELS, **options: Any
) -> Path:
    wanted = ExportOptions(**options)
    sources: list[Any] = [{"crawl_job": "first", "type": "urls", "urls": 3}]
    plan = ExportPlan("Photo “graphs”", "zip", wanted, labels, sources=sources, rules={"a": 1})
    with zipfile.ZipFile(io.BytesIO(build(plan, images, 3))) as archive:
        archive.extractall(folder)
    return folder


def open_dataset(folder: Path, caplog: pytest.LogCaptureFixture) -> Any:
    """Return the dataset, of which nothing may be wrong or lacking."""
    import mlcroissant

    with caplog.at_level(logging.WARNING):
        dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert [record.getMessage() for record in caplog.records] == []
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    return dataset


def label(images: list[Photograph]) -> list[Photograph]:
    return [
        (replace(entry, label=LABELS[number % 2], caption="12e3"), content)
        for number, (entry, content) in enumerate(images)
    ]


@pytest.mark.parametrize("splits", [None, SPLITS])
def test_records_of_parquet_files(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    splits: dict[str, float] | None,
) -> None:
    monkeypatch.setattr(parquet_files, "OPEN_BYTES", 30_000)
    images = label(in_formats("JPEG", "PNG", "WEBP", "BMP", count=30))
    images = split(images, splits) if splits else images
    folder = unpack(tmp_path, images, layout="huggingface", splits=splits)
    dataset = open_dataset(folder, caplog)
    expected = {str(entry.id).encode(): entry for entry, _ in images}
    found = list(dataset.records("images"))
    assert len(found) == len(images)
    for record in found:
        entry = expected.pop(record["images/image_id"])
        assert record["images/image"].size == (entry.width, entry.height)
        assert record["images/split"].decode() == (entry.split or "train")
        assert record["images/caption"] == b"12e3"
        assert LABELS[record["images/label"]] == entry.label
        assert record["images/width"] == entry.width
    files = {one.id: one.sha256 for one in dataset.metadata.file_objects}
    assert {*files} == {f"data/{path.name}" for path in folder.glob("data/*")}
    assert [*dataset.records("classes")] == [
        {"classes/number": 0, "classes/name": "007"},
        {"classes/number": 1, "classes/name": "NA"},
    ]


def test_what_it_says_of_rights_and_making(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = unpack(tmp_path, list(photographs()), layout="huggingface")
    said = open_dataset(folder, caplog).metadata
    assert said.license == ["CC0-1.0"]
    assert said.data_preprocessing_protocol[-1] == "Copies of other images are left out."
    assert "do not tell where" in said.personal_sensitive_information[0]
    assert said.data_limitations == ["The licence of 7 images is not known."]
    document = json.loads((folder / "croissant.json").read_text())
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert document["datePublished"] == "2026-01-01"
    assert "example.org" in document["rai:dataBiases"][0]


@pytest.mark.parametrize(
    ("layout", "splits"), [("imagefolder", None), ("imagefolder", SPLITS), ("coco", SPLITS)]
)
def test_records_of_files_in_folders(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str, splits: dict[str, float] | None
) -> None:
    images = label(in_formats("PNG", "WEBP", "JPEG", count=20))
    images = split(images, splits) if splits else images
    dataset = open_dataset(unpack(tmp_path, images, layout=layout, splits=splits), caplog)
    expected = {str(entry.id).encode(): entry for entry, _ in images}
    for record in dataset.records("images"):
        entry = expected.pop(record["images/image_id"])
        assert record["images/image"].size == (entry.width, entry.height)
        assert record["images/label"].decode() == entry.label
        assert record["images/caption"] == b"12e3"
        assert (record["images/split"] or b"").decode() == (entry.split or "")
        path = tmp_path / record["images/file_name"].decode()
        assert path.stat().st_size == entry.file_size
    assert expected == {}


def test_the_table_beside_an_image_folder_has_texts_as_they_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = [
        (replace(entry, caption="2026-01-02", license=None), content)
        for entry, content in in_formats("AVIF", count=3)
    ]
    folder = unpack(tmp_path, images)
    rows = pq.read_table(folder / "IMAGES.parquet").to_pylist()
    assert {(row["caption"], row["license"]) for row in rows} == {("2026-01-02", None)}
    assert len([*open_dataset(folder, caplog).records("images")]) == 3
