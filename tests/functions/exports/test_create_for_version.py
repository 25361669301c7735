"""An export of a version holds what was frozen, in the same bytes whenever it is built."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from shared.models import (
    CrawlJob,
    DatasetVersion,
    Image,
    ImageAnalysis,
    ImageVariant,
    Project,
    RightsRecord,
)
from shared.services import services
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System

Freeze = Callable[..., Any]
SPLITS = {"train": 0.5, "test": 0.5}


@pytest.fixture
def freeze(system: System, person: Person, dataset: Dataset) -> Freeze:
    """Freeze the dataset; return the version as shown."""

    def run(**body: Any) -> Any:
        path = f"/v1/projects/{dataset.crawl.project_id}/versions"
        version = person.post(path, {"name": "2026-12", **body}, 202)
        system.drain()
        return person.get(f"/v1/versions/{version['id']}")

    return run


def rows(job: Any) -> dict[str, dict[str, str]]:
    """Return the lines of an export as CSV, by their images' ids."""
    lines = csv.DictReader(io.StringIO(download(job).decode()))
    return {line["image_id"]: line for line in lines}


def change_everything(session: Session, dataset: Dataset) -> None:
    """Change what a person, a crawl or another split may change of a project's images."""
    first, second, dog = (dataset.images[name] for name in ("first", "second", "dog"))
    more = factories.store_image(session, dataset.crawl, label="bird")
    session.execute(
        update(Image)
        .where(Image.id == first.id)
        .values(label="lion", caption="changed", license="MIT", attribution="who", creator="x")
        .values(original_url="https://other.example/x", metadata_={"a": 1}, file_name="y.jpg")
        .values(sharpness=0, rights_signal_ids=None, image_hash=None, created_at=first.created_at)
    )
    session.execute(update(Image).where(Image.id == second.id).values(rejected=True))
    session.execute(
        update(Image).where(Image.id == dog.id).values(is_duplicate=True, duplicate_of=more.id)
    )
    session.execute(delete(Image).where(Image.id == dataset.images["duplicate"].id))
    session.execute(delete(RightsRecord))
    session.execute(update(ImageAnalysis).values(metrics={"a": 0.2}))
    for table, name in ((Project, dataset.crawl.project_id), (CrawlJob, dataset.crawl.id)):
        session.execute(update(table).where(table.id == name).values(name="renamed"))
    session.commit()


def add_signals(session: Session, dataset: Dataset) -> None:
    signals = [
        RightsRecord(
            crawl_job_id=dataset.crawl.id,
            address="https://example.org/robots.txt",
            host="example.org",
            source=source,
            value="all",
            allows=True,
            decision="allowed",
        )
        for source in ("robots", "tdmrep")
    ]
    session.add_all(signals)
    first = dataset.images["first"]
    first.sharpness = 12.345678901234567
    session.add(ImageAnalysis(image_id=first.id, analyzer="basic", metrics={"a": 0.1}))
    session.flush()
    dataset.images["first"].rights_signal_ids = [one.id for one in reversed(signals)]
    session.commit()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("zip", {}),
        ("zip", {"layout": "coco"}),
        ("tar", {"layout": "webdataset"}),
        ("zip", {"resize": {"width": 32, "height": 32, "mode": "pad"}}),
        ("csv", {}),
        ("json", {"include_metadata": False}),
        ("parquet", {}),
    ],
)
def test_the_same_bytes_whenever_it_is_built(
    export: Export,
    freeze: Freeze,
    dataset: Dataset,
    session: Session,
    kind: str,
    options: dict[str, Any],
) -> None:
    """Images are relabelled, rejected, split otherwise and added in between."""
    add_signals(session, dataset)
    version = freeze(splits=SPLITS, stratify="label")
    before = export(kind, path=f"/v1/versions/{version['id']}", **options)
    change_everything(session, dataset)
    freeze(splits={"train": 0.2, "test": 0.8}, group_by="label")
    after = export(kind, path=f"/v1/versions/{version['id']}", **options)
    assert (after["version_id"], after["exported_images"]) == (version["id"], 3)
    assert after["sha256"] == before["sha256"]
    assert len(download(after)) == after["file_size"]


def test_the_same_bytes_in_one_part_or_many(
    export: Export, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = freeze(splits=SPLITS)
    whole = export("tar", path=f"/v1/versions/{version['id']}", layout="webdataset")
    settings = replace(services().settings, export_part_bytes=1, export_gathered_bytes=1)
    monkeypatch.setitem(services().built, "settings", settings)
    parts = export("tar", path=f"/v1/versions/{version['id']}", layout="webdataset")
    assert parts["sha256"] == whole["sha256"]


def test_it_holds_what_was_frozen(
    export: Export, freeze: Freeze, dataset: Dataset, session: Session
) -> None:
    """An export of the crawl job at that time says the same of its images."""
    add_signals(session, dataset)
    now = rows(export("csv"))
    version = freeze()
    change_everything(session, dataset)
    path = f"/v1/versions/{version['id']}"
    frozen = rows(export("csv", path=path))
    first = str(dataset.images["first"].id)
    for shown in (now, frozen):
        found = json.loads(shown[first].pop("analyses"))
        assert found["basic"]["metrics"] == {"a": 0.1}
    assert frozen == now
    with zipfile.ZipFile(io.BytesIO(download(export("zip", path=path)))) as archive:
        card = json.loads(archive.read("dataset.json"))
        rights = archive.read("RIGHTS.parquet")
    assert card["dataset_version"] == {"name": "2026-12", "hash": version["hash"]}
    assert (card["name"], card["classes"]) == ("Pets", ["cat", "dog"])
    assert b"robots" in rights


def test_what_the_version_lost_is_named(
    export: Export, freeze: Freeze, dataset: Dataset, person: Person, system: System
) -> None:
    version = freeze(splits=SPLITS)
    path = f"/v1/versions/{version['id']}"
    first = dataset.images["first"]
    person.request("DELETE", f"/v1/images/{first.id}")
    system.drain()
    lost = person.get(path)
    assert lost["missing_images"] == 1
    assert lost["missing"] == [{"image_id": str(first.id), "sha256": first.sha256}]
    for kind in ("csv", "zip"):
        job = export(kind, path=path)
        assert (job["status"], job["total_images"], job["exported_images"]) == ("completed", 3, 2)
        (failure,) = job["failures"]
        assert (failure["image_id"], failure["reason"]) == (str(first.id), "deleted")
    for name in ("second", "dog"):
        person.request("DELETE", f"/v1/images/{dataset.images[name].id}")
    job = export("zip", path=path)
    assert job["status"] == "failed"
    assert job["error"].startswith("3 images could not be exported (deleted: 3)")


def test_by_a_variant(
    export: Export, freeze: Freeze, dataset: Dataset, session: Session, person: Person
) -> None:
    """Images that lack it get it, and one that was deleted is named."""
    version = freeze()
    session.execute(delete(Image).where(Image.id == dataset.images["dog"].id))
    session.commit()
    job = export("zip", path=f"/v1/versions/{version['id']}", variant="thumbnail")
    assert (job["exported_images"], job["failed_images"]) == (2, 1)
    assert len(session.scalars(ImageVariant.__table__.select()).all()) == 2
    problem = export("zip", path=f"/v1/versions/{version['id']}", variant="no-such")
    assert problem["status"] == "failed"


def test_one_split_of_it(export: Export, freeze: Freeze) -> None:
    wanted, *_ = freeze(splits=SPLITS)["splits"]
    version = freeze(splits=SPLITS, filter={"split": wanted})
    assert set(version["splits"]) == {wanted}
    job = export("csv", path=f"/v1/versions/{version['id']}")
    assert {row["split"] for row in rows(job).values()} == {wanted}
    assert not any("has no image" in warning for warning in job["warnings"])


@pytest.mark.parametrize(
    "options",
    [
        {"splits": SPLITS},
        {"splits": SPLITS, "stratify": "label"},
        {"include_invalid": True},
        {"include_duplicates": True},
    ],
)
def test_what_the_version_decides_is_refused(
    freeze: Freeze, person: Person, options: dict[str, Any]
) -> None:
    path = f"/v1/versions/{freeze()['id']}/export-jobs"
    problem = person.post(path, {"name": "e", "format": "csv", "options": options}, 422)
    assert [one["pointer"] for one in problem["errors"]] == [f"/options/{one}" for one in options]


def test_splits_that_readers_of_the_layout_do_not_know(freeze: Freeze, person: Person) -> None:
    path = f"/v1/versions/{freeze(splits={'mine': 1.0})['id']}/export-jobs"
    problem = person.post(path, {"name": "e", "format": "zip"}, 422)
    assert problem["errors"][0]["pointer"] == "/options/layout"
    assert problem["errors"][0]["detail"].startswith("name splits train, validation and test")
    person.post(path, {"name": "e", "format": "zip", "options": {"layout": "coco"}}, 202)


def test_versions_that_cannot_be_exported(
    freeze: Freeze, dataset: Dataset, person: Person, system: System, session: Session
) -> None:
    body = {"name": "e", "format": "csv"}
    path = f"/v1/projects/{dataset.crawl.project_id}/versions"
    waiting = person.post(path, {"name": "v"}, 202)
    problem = person.post(f"/v1/versions/{waiting['id']}/export-jobs", body, 409)
    assert problem["detail"] == "The version v is pending; wait until it is completed."
    version = freeze()
    system.person().post(f"/v1/versions/{version['id']}/export-jobs", body, 404)
    session.get_one(DatasetVersion, version["id"]).card = {}
    session.commit()
    problem = person.post(f"/v1/versions/{version['id']}/export-jobs", body, 409)
    assert problem["detail"].startswith("An earlier release froze the version 2026-12")
