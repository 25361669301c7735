"""Exports by a variant: what is missing is made, and what cannot be made is counted and named."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.exports.archives import ArchiveWriter
from shared.images.derivation import lock_images
from shared.models import Image, ImageVariant, Project
from shared.services import services
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System
from tests.shared.imaging.lossless import segment
from tests.shared.imaging.oriented import BLOCK
from tests.sites import Site

EXIF_OF_A_QUARTER_TURN = segment(0xE1, b"Exif\0\0" + BLOCK)
SMALL: dict[str, Any] = {"name": "small", "width": 16, "height": 16, "format": "png"}


@pytest.fixture
def asked(dataset: Dataset, session: Session) -> Dataset:
    """The dataset, whose crawl job asks for a variant that no image has."""
    session.merge(dataset.crawl).options = {"variants": ["thumbnail", SMALL]}
    session.commit()
    return dataset


def members(job: Any) -> dict[str, bytes]:
    """Return the files of a zip by name."""
    assert (job["status"], job["progress"]) == ("completed", 100)
    with zipfile.ZipFile(io.BytesIO(services().storage.read(read_stored(job)))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_stored(job: Any) -> str:
    (name,) = services().storage.list_names(f"exports/{job['id']}/")
    return name


def counts(job: Any) -> tuple[int, int, int]:
    return job["total_images"], job["exported_images"], job["failed_images"]


def variants(session: Session, name: str = "small") -> dict[str, ImageVariant]:
    """Return the rows of a variant by image."""
    session.expire_all()
    rows = session.scalars(select(ImageVariant).where(ImageVariant.name == name))
    return {str(row.image_id): row for row in rows}


def lose(image: Image) -> None:
    services().storage.delete([image.file_path or ""])


def damage(image: Image) -> None:
    lose(image)
    services().storage.put_once(image.file_path or "", b"\xff\xd8\xff not a picture", "image/jpeg")


@pytest.mark.parametrize("kind", ["zip", "csv"])
def test_what_is_missing_is_made_and_kept(
    export: Export, asked: Dataset, session: Session, kind: str
) -> None:
    job = export(kind, variant="small")
    assert counts(job) == (3, 3, 0)
    rows = variants(session)
    assert set(rows) == asked.ids("first", "second", "dog")
    for row in rows.values():
        assert services().storage.read(row.object).startswith(b"\x89PNG")
        assert (row.width, row.height, row.spec["format"]) == (16, 12, "png")
    again = export(kind, variant="small")
    assert again["sha256"] == job["sha256"]
    assert {key: row.id for key, row in variants(session).items()} == {
        key: row.id for key, row in rows.items()
    }


def test_what_is_made_is_what_the_archive_holds(
    export: Export, asked: Dataset, session: Session
) -> None:
    files = members(export("zip", variant="small"))
    made = {services().storage.read(row.object) for row in variants(session).values()}
    assert {data for name, data in files.items() if name.endswith(".png")} == made
    lines = [json.loads(line) for line in files["metadata.jsonl"].splitlines()]
    assert {(line["width"], line["format"]) for line in lines} == {(16, "png")}
    assert [line["file_size"] for line in lines] == [
        len(files[line["file_name"]]) for line in lines
    ]


def test_one_image_that_has_it_tells_how_it_is_made(
    system: System, person: Person, export: Export, dataset: Dataset
) -> None:
    path = f"/v1/images/{dataset.images['dog'].id}/variants"
    person.post(path, {"variants": [SMALL]}, 202)
    system.drain()
    assert counts(export("zip", variant="small")) == (3, 3, 0)
    project = f"/v1/projects/{dataset.crawl.project_id}"
    assert counts(export("csv", path=project, variant="small")) == (3, 3, 0)


def test_the_crawl_jobs_own_wins(
    session: Session, export: Export, asked: Dataset, person: Person, system: System
) -> None:
    other = {**SMALL, "width": 8, "format": "webp"}
    project = session.get_one(Project, asked.crawl.project_id)
    factories.crawl_job(session, project, options={"variants": [other]})
    files = members(export("zip", variant="small"))
    assert sum(name.endswith(".png") for name in files) == 3
    upload = factories.store_image(session, project)
    export("zip", path=f"/v1/projects/{project.id}", variant="small")
    assert variants(session)[str(upload.id)].width == 16  # as the other images have it


def test_a_thumbnail_needs_nobody_who_asked(
    export: Export, dataset: Dataset, session: Session
) -> None:
    assert counts(export("zip", variant="thumbnail")) == (3, 3, 0)
    session.expire_all()
    thumbnails = variants(session, "thumbnail")
    for name in ("first", "second", "dog"):
        image = dataset.images[name]
        assert image.processed_path == thumbnails[str(image.id)].object


def test_a_variant_that_nobody_knows(export: Export, dataset: Dataset) -> None:
    job = export("zip", variant="smal")
    assert job["status"] == "failed"
    assert job["error"] == "No image has a variant called smal, no crawl job asks for it."


@pytest.mark.parametrize("kind", ["zip", "json"])
def test_what_cannot_be_made_is_counted_and_named(
    export: Export, asked: Dataset, session: Session, kind: str
) -> None:
    broken, gone = asked.images["first"], asked.images["dog"]
    damage(broken)
    lose(gone)
    job = export(kind, variant="small")
    assert counts(job) == (3, 1, 2)
    assert (job["status"], job["progress"]) == ("completed", 100)
    assert job["error"].startswith("2 images could not be exported (")
    reasons = {one["image_id"]: one["reason"] for one in job["failures"]}
    assert reasons[str(gone.id)] == "missing"
    assert set(reasons) == asked.ids("first", "dog")
    assert set(variants(session)) == asked.ids("second")
    if kind == "json":
        card = json.loads(services().storage.read(read_stored(job)))["dataset"]
    else:
        files = members(job)
        card = json.loads(files["dataset.json"])
        listed = list(csv.DictReader(io.StringIO(files["FAILURES.csv"].decode())))
        assert listed == [one | {"url": one["url"] or ""} for one in job["failures"]]
    assert (card["images"], card["failed"], card["failures"]) == (1, 2, job["failures"])


def test_an_original_that_is_gone_is_named_too(export: Export, dataset: Dataset) -> None:
    lose(dataset.images["dog"])
    job = export("zip")
    assert counts(job) == (3, 2, 1)
    assert [one["image_id"] for one in job["failures"]] == list(dataset.ids("dog"))
    assert "FAILURES.csv" in members(job)


def test_nothing_that_can_be_made_is_no_success(export: Export, asked: Dataset) -> None:
    for name in ("first", "second", "dog"):
        lose(asked.images[name])
    job = export("zip", variant="small")
    assert (job["status"], job["failed_images"], job["exported_images"]) == ("failed", 3, 0)
    assert "3 images could not be exported (missing: 3)" in job["error"]
    assert not services().storage.list_names(f"exports/{job['id']}/")


def test_a_variant_whose_file_got_lost_is_made_again(
    export: Export, asked: Dataset, session: Session
) -> None:
    whole = export("zip", variant="small")
    lost = variants(session)[str(asked.images["dog"].id)].object
    services().storage.delete([lost])
    again = export("zip", variant="small")
    assert again["sha256"] == whole["sha256"]
    assert services().storage.read(lost)


def test_rejected_images_are_not_made(
    export: Export, asked: Dataset, person: Person, session: Session
) -> None:
    person.request("PATCH", f"/v1/images/{asked.images['dog'].id}", {"rejected": True})
    assert counts(export("zip", variant="small")) == (2, 2, 0)
    assert set(variants(session)) == asked.ids("first", "second")


def test_originals_stand_for_duplicates_of_a_later_crawl(
    export: Export, asked: Dataset, session: Session
) -> None:
    first = asked.images["first"]
    later = factories.crawl_job(session, session.get_one(Project, asked.crawl.project_id))
    copy = {"sha256": first.sha256, "file_path": first.file_path, "image_hash": None}
    factories.image(session, later, is_duplicate=True, duplicate_of=first.id, **copy)
    job = export("zip", path=f"/v1/crawl-jobs/{later.id}", variant="small")
    assert counts(job) == (1, 1, 0)
    assert set(variants(session)) == asked.ids("first")


def test_duplicates_are_counted_apart(export: Export, asked: Dataset, session: Session) -> None:
    job = export("zip", variant="small", include_duplicates=True)
    assert (counts(job), job["duplicate_images"]) == ((4, 4, 0), 1)
    assert set(variants(session)) == asked.ids("first", "second", "dog", "duplicate")


def test_parts_make_the_same_file(
    system: System,
    person: Person,
    asked: Dataset,
    export: Export,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when every message comes twice, at the same time, and one image cannot be made."""
    damage(asked.images["second"])
    settings = replace(services().settings, export_part_bytes=1, export_gathered_bytes=1)
    with monkeypatch.context() as patch:
        patch.setitem(services().built, "settings", settings)
        body = {"name": "parts", "format": "zip", "options": {"variant": "small"}}
        path = f"/v1/crawl-jobs/{asked.crawl.id}/export-jobs"
        job = person.post(path, body, 202)
        system.drain_concurrently(copies=2)
        job = person.get(f"/v1/export-jobs/{job['id']}")
    assert counts(job) == (3, 2, 1)
    assert job["sha256"] == export("zip", variant="small")["sha256"]
    assert set(variants(session)) == asked.ids("first", "dog")


def test_an_image_that_is_deleted_while_its_variant_is_made(
    system: System,
    person: Person,
    asked: Dataset,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Owes nothing, and leaves no object."""
    deleted = asked.images["second"]

    def overtaken(session: Session, project_id: Any, image_ids: list[Any]) -> set[Any]:
        if image_ids == [deleted.id]:
            person.request("DELETE", f"/v1/images/{deleted.id}")
        return lock_images(session, project_id, image_ids)

    monkeypatch.setattr("shared.exports.making.lock_images", overtaken)
    body = {"name": "e", "format": "zip", "options": {"variant": "small"}}
    job = person.post(f"/v1/crawl-jobs/{asked.crawl.id}/export-jobs", body, 202)
    system.drain()
    job = person.get(f"/v1/export-jobs/{job['id']}")
    assert (counts(job), job["error"]) == ((2, 2, 0), None)
    names = services().storage.list_names(f"variants/{asked.crawl.project_id}/")
    assert sum(name.endswith(".png") for name in names) == 2


def test_what_somebody_asks_for_meanwhile_stays(
    system: System,
    person: Person,
    asked: Dataset,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add, image = ArchiveWriter.add, asked.images["dog"]
    body = {"name": "e", "format": "zip", "options": {"variant": "small"}}

    def overtaken(writer: ArchiveWriter, *given: Any) -> None:
        monkeypatch.setattr(ArchiveWriter, "add", add)
        add(writer, *given)
        with transaction(services().engine) as other:
            theirs = {"object": "v/theirs", "width": 8, "height": 6, "file_size": 1}
            other.add(ImageVariant(image_id=image.id, name="small", spec=SMALL, **theirs))

    job = person.post(f"/v1/crawl-jobs/{asked.crawl.id}/export-jobs", body, 202)
    (event,) = system.mailbox.take()
    monkeypatch.setattr(ArchiveWriter, "add", overtaken)
    assert system.deliver(event) == [204]
    system.drain()
    assert counts(person.get(f"/v1/export-jobs/{job['id']}")) == (3, 3, 0)
    assert variants(session)[str(image.id)].object == "v/theirs"
    names = services().storage.list_names(f"variants/{asked.crawl.project_id}/")
    assert sum(name.endswith(".png") for name in names) == 2


@pytest.mark.parametrize("dedup", ["exact", "perceptual"])
def test_a_variant_that_the_crawl_was_not_asked_for(
    site: Site, crawl: Callable[..., Any], system: System, person: Person, dedup: str
) -> None:
    """One image is given it by hand, and the export holds all."""
    job = crawl(site.photos(30), dedup=dedup, variants=[])
    kept = job["downloaded_images"]
    assert kept >= 20
    image = person.get(f"/v1/projects/{job['project_id']}/images?duplicate=false")["items"][0]
    person.post(f"/v1/images/{image['id']}/variants", {"variants": [SMALL]}, 202)
    system.drain()
    body = {"name": "e", "format": "zip", "options": {"variant": "small"}}
    made = person.post(f"/v1/crawl-jobs/{job['id']}/export-jobs", body, 202)
    system.drain()
    made = person.get(f"/v1/export-jobs/{made['id']}")
    assert counts(made) == (kept, kept, 0)
    with zipfile.ZipFile(io.BytesIO(download(made))) as archive:
        assert sum(name.endswith(".png") for name in archive.namelist()) == kept


def test_a_variant_has_its_orientation_baked_in(
    export: Export, asked: Dataset, session: Session
) -> None:
    """Some readers heed what a file says about it, and some do not."""
    turned = factories.picture(7).replace(b"\xff\xdb", EXIF_OF_A_QUARTER_TURN + b"\xff\xdb", 1)
    factories.store_image(session, asked.crawl, data=turned, label="turned")
    files = members(export("zip", variant="small"))
    (content,) = [data for name, data in files.items() if name.startswith("turned/")]
    with Pillow.open(io.BytesIO(content)) as opened:
        assert opened.size == (12, 16)
        assert not opened.getexif()


def test_forms_of_one_name_side_by_side_are_told(
    export: Export, asked: Dataset, person: Person, system: System
) -> None:
    assert export("zip", variant="small")["error"] is None
    path = f"/v1/images/{asked.images['dog'].id}/variants"
    other = {"name": "small", "width": 8, "height": 8, "fit": "cover", "quality": 70}
    person.post(path, {"variants": [other]}, 202)
    system.drain()
    job = export("zip", variant="small")
    assert counts(job) == (3, 3, 0)
    assert job["error"] == (
        "Images have the variant small in 2 forms: png, contain 16x16; webp, cover 8x8, quality 70."
    )


def test_a_form_that_is_still_to_be_made_counts(
    export: Export, asked: Dataset, person: Person, system: System
) -> None:
    path = f"/v1/images/{asked.images['dog'].id}/variants"
    person.post(path, {"variants": [{**SMALL, "width": 8}]}, 202)
    system.drain()
    assert "in 2 forms" in export("csv", variant="small")["error"]


def test_a_quality_that_is_spelled_out_is_no_other_form(
    export: Export, dataset: Dataset, person: Person, system: System
) -> None:
    for name, quality in (("first", None), ("second", 80), ("dog", None)):
        path = f"/v1/images/{dataset.images[name].id}/variants"
        person.post(path, {"variants": [{"name": "w", "width": 8, "quality": quality}]}, 202)
    system.drain()
    assert export("csv", variant="w")["error"] is None
