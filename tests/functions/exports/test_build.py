"""The content of an export, in every format."""

import csv
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pandas
import pytest
from sqlalchemy.orm import Session

from shared.models import Project
from shared.services import services
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System
from tests.shared.imaging.lossless import segment


def rows(job: Any) -> list[dict[str, str]]:
    """Return the lines of an export as CSV."""
    return list(csv.DictReader(io.StringIO(download(job).decode())))


def ids(job: Any) -> set[str]:
    return {row["image_id"] for row in rows(job)}


def members(job: Any) -> dict[str, bytes]:
    """Return an archive's files by name, as Python's own readers see them."""
    file = io.BytesIO(download(job))
    if job["format"] == "zip":
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(fileobj=file) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]


def test_rejected_images_are_left_out_until_they_are_taken_back(
    export: Export, dataset: Dataset, person: Person
) -> None:
    path = f"/v1/images/{dataset.images['first'].id}"
    person.request("PATCH", path, {"rejected": True})
    for options in ({}, {"include_duplicates": True}):
        assert ids(export("csv", **options)) == dataset.ids("second", "dog")
    person.request("PATCH", path, {"rejected": False})
    assert ids(export("csv")) == dataset.ids("first", "second", "dog")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_archives_hold_the_images_and_their_descriptions(
    export: Export, dataset: Dataset, kind: str
) -> None:
    job = export(kind)
    files = members(job)
    wanted = {name: dataset.images[name] for name in ("first", "second", "dog")}
    for image in wanted.values():
        name = f"{image.label}/{(image.sha256 or '')[:32]}.jpg"
        assert files.pop(name) == services().storage.read(image.file_path or "")
    assert set(files) == {
        *("metadata.jsonl", "LICENSES.csv", "RIGHTS.parquet", "dataset.json"),
        *("IMAGES.parquet", "croissant.json", "README.md"),
    }
    metadata = [json.loads(line) for line in files["metadata.jsonl"].splitlines()]
    assert {line["image_id"] for line in metadata} == dataset.ids(*wanted)
    card = json.loads(files["dataset.json"])
    assert (card["name"], card["images"]) == ("street cats", 3)
    assert card["counts"]["labels"] == {"cat": 2, "dog": 1}
    assert (job["total_images"], job["exported_images"]) == (3, 3)


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_tables_are_read_by_pandas(export: Export, dataset: Dataset, kind: str) -> None:
    file = io.BytesIO(download(export(kind)))
    match kind:
        case "csv":
            table = pandas.read_csv(file)
        case "json":
            table = pandas.DataFrame(json.load(file)["images"])
        case _:
            table = pandas.read_parquet(file)
    assert set(table["image_id"]) == dataset.ids("first", "second", "dog")
    assert list(table["width"]) == [64, 64, 64]
    assert table["caption"][0] == "=1+1"


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({"include_invalid": True}, ["invalid"]),
        ({"include_duplicates": True}, ["duplicate"]),
        ({"include_invalid": True, "include_duplicates": True}, ["invalid", "duplicate"]),
    ],
)
def test_what_is_included(
    export: Export, dataset: Dataset, options: dict[str, bool], more: list[str]
) -> None:
    assert ids(export("csv", **options)) == dataset.ids("first", "second", "dog", *more)


def test_duplicates_have_names_of_their_own(export: Export) -> None:
    files = members(export("zip", include_duplicates=True))
    assert len([name for name in files if name.startswith("cat/")]) == 3


def test_copies_without_dedup_have_names_of_their_own(
    session: Session, export: Export, dataset: Dataset
) -> None:
    first = dataset.images["first"]
    copy = {"sha256": first.sha256, "file_path": first.file_path, "file_size": first.file_size}
    factories.image(session, dataset.crawl, label="cat", image_hash=None, **copy)
    job = export("zip")
    assert job["exported_images"] == 4
    assert len([name for name in members(job) if name.startswith("cat/")]) == 3


def test_without_metadata(export: Export) -> None:
    (row, *_) = rows(export("csv", include_metadata=False))
    assert not {"caption", "width", "phash"} & set(row)
    assert {"file_name", "label", "license", "original_url", "image_id"} <= set(row)
    assert "metadata.jsonl" not in members(export("zip", include_metadata=False))


def test_splits_go_by_content(export: Export, dataset: Dataset, session: Session) -> None:
    for number in range(20):
        factories.store_image(session, dataset.crawl, data=factories.picture(number))
    splits = {"train": 0.5, "validation": 0.25, "test": 0.25}
    before = {row["image_id"]: row["split"] for row in rows(export("csv", splits=splits))}
    assert set(before.values()) == set(splits)
    factories.store_image(session, dataset.crawl)
    after = {row["image_id"]: row["split"] for row in rows(export("csv", splits=splits))}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1
    names = members(export("zip", splits=splits))
    assert {name.split("/")[0] for name in names if "/" in name} == set(splits)


def test_the_whole_project(
    person: Person, session: Session, export: Export, dataset: Dataset
) -> None:
    project = session.get_one(Project, dataset.crawl.project_id)
    uploaded = factories.store_image(session, project)
    factories.store_image(session, factories.project(session, person.id))
    job = export("csv", path=f"/v1/projects/{project.id}")
    assert ids(job) == dataset.ids("first", "second", "dog") | {str(uploaded.id)}
    assert job["crawl_job_id"] is None


def test_what_a_crawl_found_in_the_project_already(
    session: Session, export: Export, dataset: Dataset
) -> None:
    """Its originals are there once, as the later crawl's entries describe them."""
    first, dog = dataset.images["first"], dataset.images["dog"]
    later = factories.crawl_job(session, session.get_one(Project, dataset.crawl.project_id))
    copy = {
        "sha256": first.sha256,
        "file_path": first.file_path,
        "image_hash": None,
        "is_duplicate": True,
        "duplicate_of": first.id,
    }
    for label, license_ in (("lion", "CC-BY"), ("puma", None)):
        factories.image(session, later, label=label, license=license_, **copy)
    near = {"is_duplicate": True, "duplicate_of": dog.id, "license": "MIT"}
    factories.store_image(session, later, **near)
    job = export("csv", path=f"/v1/crawl-jobs/{later.id}")
    assert (job["total_images"], job["exported_images"]) == (2, 2)
    shown = [(row["image_id"], row["label"], row["license"]) for row in rows(job)]
    assert shown == [(str(first.id), "lion", "CC-BY"), (str(dog.id), "dog", "")]
    files = members(export("zip", path=f"/v1/crawl-jobs/{later.id}"))
    for folder, image in (("lion", first), ("dog", dog)):
        name = f"{folder}/{(image.sha256 or '')[:32]}.jpg"
        assert files[name] == services().storage.read(image.file_path or "")


@pytest.mark.parametrize("kind", ["zip", "tar", "csv", "json", "parquet"])
def test_an_empty_dataset_is_no_success(
    person: Person, session: Session, export: Export, kind: str
) -> None:
    empty = factories.project(session, person.id)
    job = export(kind, path=f"/v1/projects/{empty.id}")
    assert (job["status"], job["error"]) == ("failed", "There is no image to export.")
    assert services().storage.list_names(f"exports/{job['id']}/") == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("failed", "There is no image to export: the crawl job failed."),
        ("cancelled", "There is no image to export: the crawl job was cancelled."),
        ("running", "There is no image to export yet: the crawl job has not ended."),
        ("completed", "There is no image to export."),
    ],
)
def test_a_crawl_that_brought_nothing(
    session: Session, export: Export, dataset: Dataset, status: str, reason: str
) -> None:
    project = session.get_one(Project, dataset.crawl.project_id)
    crawl = factories.crawl_job(session, project, status=status)
    job = export("zip", path=f"/v1/crawl-jobs/{crawl.id}")
    assert (job["status"], job["error"]) == ("failed", reason)


def test_images_that_are_all_invalid(session: Session, export: Export, dataset: Dataset) -> None:
    crawl = factories.crawl_job(session, session.get_one(Project, dataset.crawl.project_id))
    factories.images(session, crawl, 2, is_valid=False)
    job = export("csv", path=f"/v1/crawl-jobs/{crawl.id}")
    assert job["status"] == "failed"
    assert job["error"] == "There is no image to export: all of them are invalid (2)."
    job = export("csv", path=f"/v1/crawl-jobs/{crawl.id}", include_invalid=True)
    assert job["exported_images"] == 2


@pytest.mark.parametrize("kind", ["zip", "tar", "csv", "json", "parquet"])
def test_the_same_dataset_twice_is_the_same_file(export: Export, kind: str) -> None:
    options = {"splits": {"train": 0.5, "test": 0.5}}
    assert export(kind, **options)["sha256"] == export(kind, **options)["sha256"]


def test_hugging_face_reads_an_image_folder(export: Export, tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    folder = tmp_path / "folder"
    file = io.BytesIO(download(export("zip", splits={"train": 0.5, "test": 0.5})))
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)  # noqa: S202 (made here)
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=str(tmp_path))
    assert sum(split.num_rows for split in loaded.values()) == 3
    for split in loaded.values():
        for sample in split:
            assert sample["image"].size == (64, 48)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # webdataset leaves it open
def test_webdataset_reads_samples(export: Export, tmp_path: Path) -> None:
    from webdataset import WebDataset

    path = tmp_path / "pets.tar"
    path.write_bytes(download(export("tar", layout="webdataset")))
    samples = list(WebDataset(str(path), shardshuffle=False).decode("pil"))
    assert len(samples) == 3
    assert sorted(sample["cls"] for sample in samples) == [0, 0, 1]
    assert {sample["jpg"].size for sample in samples} == {(64, 48)}


def test_coco_finds_its_images(export: Export) -> None:
    files = members(export("zip", layout="coco"))
    document = json.loads(files["annotations/images.json"])
    assert {f"images/{image['file_name']}" for image in document["images"]} <= set(files)
    assert [category["name"] for category in document["categories"]] == ["cat", "dog"]
    assert len(document["annotations"]) == 3


def test_texts_that_a_spreadsheet_would_run_are_counted(export: Export) -> None:
    job = export("csv")
    assert job["warnings"][0].startswith("1 rows have a text that begins like a formula")
    assert "=1+1" in {row["caption"] for row in rows(job)}
    escaped = export("csv", escape_formulas=True)
    assert escaped["warnings"] == []
    assert "'=1+1" in {row["caption"] for row in rows(escaped)}


def test_its_end_is_announced_once(system: System, export: Export) -> None:
    job = export()
    announced = [one.body for one in system.mailbox.sent if one.topic == "export-completed"]
    assert announced == [{"export_job_id": job["id"], "status": "completed"}]
    assert len(services().storage.list_names(f"exports/{job['id']}/")) == 1


def test_an_original_that_readers_refuse_lies_in_the_archive_as_they_read_it(
    export: Export, dataset: Dataset, session: Session
) -> None:
    """Its EXIF is none, which Pillow meets when it is asked for the orientation."""
    data = factories.picture(7)
    data = data[:13] + b"\1" + data[14:]
    broken = data[:20] + segment(0xE1, b"Exif\0\0hello, world") + data[20:]
    image = factories.store_image(session, dataset.crawl, data=broken, label="broken")
    files = members(export("zip"))
    (name,) = [name for name in files if name.startswith("broken/")]
    assert files[name] == data
    lines = [json.loads(line) for line in files["metadata.jsonl"].splitlines()]
    (line,) = [line for line in lines if line["image_id"] == str(image.id)]
    assert (line["left_out"], line["file_size"], line["sha256"]) == (
        "APP1", len(data), image.sha256,
    )  # fmt: skip
    assert image.file_size == len(broken)
    assert {line["left_out"] for line in lines} == {"", "APP1"}
