"""Exports as COCO describes data, with the boxes that analyses gave."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image, ImageAnalysis, VersionImage
from shared.services import services
from shared.states import LIVE
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System

CAT = {"label": "cat", "box": [0.25, 0.25, 0.5, 0.5], "score": None}
LEAD = {"label": "Zebra", "box": [0.0, 0.0, 0.1, 1.0], "score": None}
COVER = {"width": 48, "height": 48, "mode": "cover"}  # of pictures of 64 by 48

Detect = Callable[..., None]


@pytest.fixture
def detect(session: Session) -> Detect:
    """Write what an analyzer said of an image; each call is a newer repetition."""

    def run(image: Image, *objects: dict[str, Any], analyzer: str = "gemini") -> None:
        before = select(ImageAnalysis).where(ImageAnalysis.image_id == image.id)
        analysis = ImageAnalysis(
            image_id=image.id,
            analyzer=analyzer,
            model_version="m/2",
            repetition=len(session.scalars(before).all()) + 1,
            objects=list(objects) if analyzer == "gemini" else None,
        )
        session.add(analysis)
        session.commit()

    return run


@pytest.fixture
def detected(dataset: Dataset, detect: Detect) -> Dataset:
    """Two objects in the first image, none in the second; the dog was not looked for."""
    detect(dataset.images["first"], LEAD)
    detect(dataset.images["first"], CAT, LEAD)
    detect(dataset.images["first"], analyzer="basic")
    detect(dataset.images["second"])
    return dataset


def read(job: Any) -> tuple[dict[str, Any], dict[str, list[tuple[str, list[float]]]]]:
    """Return the document, and of each file its annotations by category and box."""
    with zipfile.ZipFile(io.BytesIO(download(job))) as archive:
        document = json.loads(archive.read("annotations/images.json"))
    names = {one["id"]: one["name"] for one in document["categories"]}
    found: dict[str, list[tuple[str, list[float]]]] = {}
    for image in document["images"]:
        found[image["file_name"].partition(".")[0]] = [
            (names[one["category_id"]], one["bbox"])
            for one in document["annotations"]
            if one["image_id"] == image["id"]
        ]
    return document, found


def name(image: Image) -> str:
    return (image.sha256 or "")[:32]


@pytest.mark.parametrize("include", [True, False])
def test_objects_whole_images_and_none(export: Export, detected: Dataset, include: bool) -> None:
    document, found = read(export("zip", layout="coco", include_metadata=include))
    images = detected.images
    assert [one["name"] for one in document["categories"]] == ["Zebra", "cat", "dog"]
    assert found == {
        name(images["first"]): [("cat", [16, 12, 32, 24]), ("Zebra", [0, 0, 6.4, 48])],
        name(images["second"]): [],
        name(images["dog"]): [("dog", [0, 0, 64, 48])],
    }
    annotated = {one.get("annotated_by") for one in document["images"]}
    assert annotated == {"gemini, m/2", None}
    assert {one["iscrowd"] for one in document["annotations"]} == {0}


def test_in_the_pixels_of_what_is_exported(export: Export, detected: Dataset) -> None:
    _, found = read(export("zip", layout="coco", resize=COVER))
    assert found[name(detected.images["first"])] == [("cat", [8, 12, 32, 24])]
    assert found[name(detected.images["dog"])] == [("dog", [0, 0, 48, 48])]


def test_of_a_variant_that_cuts(
    export: Export, detected: Dataset, person: Person, system: System
) -> None:
    variant = {"name": "square", "width": 24, "height": 24, "fit": "cover", "format": "png"}
    path = f"/v1/images/{detected.images['first'].id}/variants"
    person.post(path, {"variants": [variant]}, 202)  # the others' are made by the export
    system.drain()
    _, found = read(export("zip", layout="coco", variant="square"))
    assert found[name(detected.images["first"])] == [("cat", [4, 6, 16, 12])]
    assert found[name(detected.images["dog"])] == [("dog", [0, 0, 24, 24])]


def test_a_version_has_what_was_found_when_it_was_frozen(
    export: Export,
    detected: Dataset,
    detect: Detect,
    person: Person,
    system: System,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/v1/crawl-jobs/{detected.crawl.id}"
    versions = f"/v1/projects/{detected.crawl.project_id}/versions"
    version = person.post(versions, {"name": "v1"}, 202)
    system.drain()
    frozen = f"/v1/versions/{version['id']}"
    before = export("zip", path=frozen, layout="coco", resize=COVER)
    live = read(export("zip", path=path, layout="coco", resize=COVER))
    assert read(before)[1] == live[1]
    assert [one["name"] for one in read(before)[0]["categories"]] == ["Zebra", "cat", "dog"]
    detect(detected.images["dog"], CAT | {"label": "hound"})
    detect(detected.images["first"])
    settings = replace(services().settings, export_part_images=1)
    monkeypatch.setitem(services().built, "settings", settings)
    after = export("zip", path=frozen, layout="coco", resize=COVER)
    assert after["sha256"] == before["sha256"]
    held = session.scalars(select(VersionImage.record)).all()
    said = [record["analyses"] for record in held if record and record["analyses"]]
    assert sorted("objects" in one["gemini"] for one in said) == [True, True]
    assert not any("objects" in one.get("basic", ()) for one in said)
    document, found = read(export("zip", path=path, layout="coco"))
    assert [one["name"] for one in document["categories"]] == ["hound"]
    assert found[name(detected.images["dog"])] == [("hound", [16, 12, 32, 24])]


def test_too_many_names_are_refused_before_work_starts(
    system: System,
    person: Person,
    detected: Dataset,
    detect: Detect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.exports.categories.MAX_CLASSES", 2)
    body = {"name": "e", "format": "zip", "options": {"layout": "coco"}}
    job = person.post(f"/v1/crawl-jobs/{detected.crawl.id}/export-jobs", body, 202)
    system.drain()
    failed = person.get(f"/v1/export-jobs/{job['id']}")
    assert failed["status"] == "failed" not in LIVE
    assert "objects have more than 2 names" in failed["error"]
