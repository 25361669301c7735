"""A version holds what its filter selects, under a hash that its content alone decides."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import VersionRequested
from shared.models import (
    CrawlJob,
    DatasetVersion,
    Image,
    ImageAnalysis,
    Project,
    VersionImage,
)
from shared.versions.freezing import begin_freeze, complete_version, write_images
from tests import factories
from tests.functions.versions.conftest import Freeze
from tests.harness import Person, System


def read_images(session: Session, version: Any) -> list[VersionImage]:
    found = select(VersionImage).where(VersionImage.version_id == version["id"])
    return list(session.scalars(found.order_by(VersionImage.sha256)))


def find_root(session: Session, version: Any) -> str:
    """Compute the root as the guide says, by recursion."""

    def encode(field: bytes | None) -> bytes:
        return b"\xff" * 4 if field is None else len(field).to_bytes(4, "big") + field

    def hash_tree(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        left = 1
        while left * 2 < len(leaves):
            left *= 2
        return hashlib.sha256(b"\1" + hash_tree(leaves[:left]) + hash_tree(leaves[left:])).digest()

    rows = []
    for image in read_images(session, version):
        texts = (image.label, image.caption, image.split, image.license, image.attribution)
        fields = [image.sha256, *(None if text is None else text.encode() for text in texts)]
        content = b"".join(map(encode, [*fields, image.rights]))
        rows.append((image.sha256, hashlib.sha256(b"\0" + content).digest()))
    return hash_tree([leaf for _, leaf in sorted(rows)]).hex()


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, {0, 1, 2, 4}),
        ({"label": "cat"}, {0, 1, 2}),
        ({"license": "CC0"}, {0, 1, 2}),
        ({"valid": False}, {3}),
        ({"min_width": 100}, {0, 1, 2}),
        ({"analyzer": "basic"}, {1, 4}),
        ({"analyzer": "basic", "analysis_label": "red"}, {4}),
        ({"analysis_label": "red"}, {4}),
    ],
)
def test_a_version_holds_what_its_filter_selects(
    freeze: Freeze, pets: list[Image], session: Session, filters: dict[str, Any], names: set[int]
) -> None:
    for image, labels in ((pets[1], []), (pets[4], [{"name": "red", "score": 0.9}])):
        session.add(ImageAnalysis(image_id=image.id, analyzer="basic", labels=labels))
    session.commit()
    version = freeze(filter=filters)
    assert (version["status"], version["progress"]) == ("completed", 100)
    found = {image.image_id for image in read_images(session, version)}
    assert found == {pets[name].id for name in names}
    assert version["image_count"] == len(names)


@pytest.mark.parametrize("block", [1, 2, 1000])
def test_the_hash_is_the_root_that_the_guide_describes(
    freeze: Freeze,
    pets: list[Image],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    block: int,
) -> None:
    """In blocks of any size."""
    monkeypatch.setattr("shared.versions.freezing.BLOCK", block)
    monkeypatch.setattr("shared.versions.rows.PAGE", block)
    first = str(pets[0].sha256)
    factories.images(
        session,
        session.get_one(CrawlJob, pets[0].crawl_job_id),
        1,
        sha256=first,
        image_hash=None,
        label="other",
    )
    version = freeze(splits={"train": 0.5, "test": 0.5})
    assert version["image_count"] == 5
    assert version["hash"] == find_root(session, version)
    assert sum(version["splits"].values()) == 5


def test_equal_content_has_the_same_hash_everywhere(
    freeze: Freeze, pets: list[Image], session: Session, person: Person
) -> None:
    """In another project, in another order, under another name; and any change changes it."""
    version = freeze()
    other = factories.crawl_job(session, factories.project(session, person.id))
    for image in reversed([pets[0], pets[1], pets[2], pets[4]]):
        columns = {
            name: getattr(image, name)
            for name in ("sha256", "label", "caption", "license", "width", "phash")
        }
        factories.image(session, other, **columns)
    copy = freeze(project_id=other.project_id, name="another")
    assert copy["hash"] == version["hash"]
    assert freeze()["hash"] == version["hash"]
    pets[0].label = "kitten"
    session.commit()
    assert freeze()["hash"] != version["hash"]
    assert freeze(filter={"label": "kitten"})["image_count"] == 1


def test_fields_cannot_run_into_each_other(
    freeze: Freeze, crawl: CrawlJob, session: Session
) -> None:
    """Length by length: a label's end is not a caption's beginning, and nothing is not empty."""
    image = factories.image(session, crawl, label="ab", caption="c")
    hashes = set()
    for label, caption in (("ab", "c"), ("a", "bc"), ("abc", ""), ("abc", None), (None, "abc")):
        image.label, image.caption = label, caption
        session.commit()
        hashes.add(freeze()["hash"])
    assert len(hashes) == 5


def test_splits_are_those_of_exports(
    freeze: Freeze, pets: list[Image], session: Session, person: Person, system: System
) -> None:
    """An image that has its split keeps it, whoever asked first."""
    splits = {"train": 0.5, "test": 0.5}
    version = freeze(splits=splits)
    before = {image.image_id: image.split for image in read_images(session, version)}
    factories.images(session, session.get_one(CrawlJob, pets[0].crawl_job_id), 5)
    later = freeze(splits=splits)
    after = {image.image_id: image.split for image in read_images(session, later)}
    assert before.items() <= after.items()
    assert len(after) == 9
    split = next(iter(after.values()))  # by chance there may be no other
    alone = freeze(splits=splits, filter={"split": split})
    assert set(alone["splits"]) == {split}
    assert alone["image_count"] == list(after.values()).count(split)


def test_what_a_split_lacks_is_said(
    freeze: Freeze, pets: list[Image], session: Session, person: Person
) -> None:
    """Four images of two classes cannot give each of four splits both."""
    splits = {"train": 0.4, "validation": 0.2, "test": 0.2, "extra": 0.2}
    version = freeze(splits=splits)
    found = {(image.split, image.label) for image in read_images(session, version)}
    labels = {label for _, label in found}
    for split in splits:
        has = {label for name, label in found if name == split}
        said = [one for one in version["warnings"] if one.startswith(f"The split {split} ")]
        assert ["has no image" in one for one in said] == [not has] * (has != labels)
    assert sum("The split" in one for one in version["warnings"]) >= 2
    alone = freeze(splits=splits, filter={"split": next(iter(version["splits"]))})
    assert not [one for one in alone["warnings"] if "The split" in one]


def test_a_version_of_nothing(
    freeze: Freeze, pets: list[Image], session: Session, person: Person, system: System
) -> None:
    """Its images were deleted before its turn came."""
    path = f"/v1/projects/{pets[0].project_id}/versions"
    waiting = person.post(path, {"name": "v1"}, 202)
    session.execute(delete(Image))
    session.commit()
    system.drain()
    version = person.get(f"/v1/versions/{waiting['id']}")
    assert version["status"] == "failed"
    assert version["error"].startswith("No image passes the filter")
    assert version["hash"] is None


def test_a_split_that_nothing_is_in(freeze: Freeze, pets: list[Image]) -> None:
    splits = {"train": 1 - 1e-9, "test": 1e-9}
    version = freeze(splits=splits, filter={"split": "test"})
    assert version["status"] == "failed"
    assert version["error"].startswith("No image that passes the filter is in the split test.")


def test_a_lost_attempt_is_taken_up_again(
    freeze: Freeze, pets: list[Image], session: Session, person: Person, system: System
) -> None:
    """The worker died in the middle: the sweep sends the message, and all begins anew."""
    whole = freeze()
    path = f"/v1/projects/{pets[0].project_id}/versions"
    version = person.post(path, {"name": "lost"}, 202)
    system.mailbox.take()
    row = session.get_one(DatasetVersion, version["id"])
    row.status, row.state = "running", {"attempt": 1}
    session.add(VersionImage(version_id=row.id, sha256=b"x" * 32, image_id=pets[5].id))
    session.commit()
    system.send(VersionRequested(version_id=row.id))
    system.drain(copies=2)
    assert person.get(f"/v1/versions/{version['id']}")["hash"] == whole["hash"]


def test_an_attempt_that_another_one_replaced_writes_no_more(
    pets: list[Image], session: Session, person: Person, engine: Engine
) -> None:
    path = f"/v1/projects/{pets[0].project_id}/versions"
    version_id = UUID(person.post(path, {"name": "v1"}, 202)["id"])
    with transaction(engine) as one:
        first = begin_freeze(one, version_id)
    with transaction(engine) as other:
        second = begin_freeze(other, version_id)
    assert first is not None
    assert second is not None
    assert write_images(engine, first, None) is None
    assert write_images(engine, second, None) == 0
    with transaction(engine) as one:
        assert not complete_version(one, first, "0" * 64, 0, None, {})
        assert complete_version(one, second, "1" * 64, 0, None, {})
    with transaction(engine) as one:
        assert begin_freeze(one, version_id) is None


def test_a_version_that_is_deleted_meanwhile(
    pets: list[Image], person: Person, system: System
) -> None:
    version = person.post(f"/v1/projects/{pets[0].project_id}/versions", {"name": "v1"}, 202)
    person.request("DELETE", f"/v1/versions/{version['id']}")
    system.drain()
    assert system.statuses[-1] == 204


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"min_width": 1000}, 1),
        ({"min_width": 1001}, 0),
        ({"min_height": 900}, 1),
        ({"format": "png"}, 1),
        ({"format": "jpeg"}, 0),
        ({"license": "CC0"}, 1),
        ({"license": "MIT"}, 0),
        ({"max_width": 999}, 0),
        ({"min_bytes": 100_000, "max_bytes": 100_000}, 1),
        ({"min_sharpness": 300, "max_brightness": 0.5, "max_uniformity": 0.1}, 1),
        ({"max_sharpness": 299.5}, 0),
        ({"host": "large.example"}, 1),
        ({"host": "small.example"}, 0),
        ({"unlabelled": True}, 0),
        ({"unlabelled": False}, 1),
        ({"text": "small"}, 1),
        ({"text": "large"}, 0),
    ],
)
def test_filters_test_what_is_frozen(
    freeze: Freeze,
    crawl: CrawlJob,
    session: Session,
    person: Person,
    filters: dict[str, Any],
    count: int,
) -> None:
    """A crawl found a smaller near duplicate of a picture that the project has already."""
    large = {"width": 1000, "height": 900, "format": "png", "license": "CC0"}
    large |= {"original_url": "https://large.example/1", "label": "cat"}
    original = factories.image(session, crawl, **large)
    later = factories.crawl_job(session, session.get_one(Project, crawl.project_id))
    small = {"width": 10, "height": 9, "format": "jpeg", "license": "MIT"}
    small |= {"original_url": "https://small.example/1", "file_size": 10, "sharpness": 1.0}
    near = {"is_duplicate": True, "duplicate_of": original.id, "image_hash": None}
    factories.image(session, later, **small, **near)
    body = {"name": "v", "filter": {"crawl_job_id": str(later.id), **filters}}
    if not count:
        person.post(f"/v1/projects/{crawl.project_id}/versions", body, 409)
        return
    (held,) = read_images(session, freeze(**body))
    assert held.image_id == original.id
