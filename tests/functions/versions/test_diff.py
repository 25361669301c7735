"""Differences between two versions."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, VersionRange
from shared.versions.ranges import find_differing_ranges, join_ranges
from tests import factories
from tests.functions.versions.conftest import Freeze, list_changes
from tests.harness import Person, System


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_added_removed_and_changed(
    freeze: Freeze,
    pets: list[Image],
    crawl: CrawlJob,
    session: Session,
    person: Person,
    limit: int,
) -> None:
    before = freeze(name="before")
    pets[0].label = "kitten"
    (new,) = factories.images(session, crawl, 1, label="bird")
    session.execute(delete(Image).where(Image.id == pets[1].id))
    session.commit()
    after = freeze(name="after")
    changes = list_changes(person, before, after, limit)
    found = {one["image_id"]: one for one in changes}
    assert {name: one["change"] for name, one in found.items()} == {
        str(pets[0].id): "changed",
        str(pets[1].id): "removed",
        str(new.id): "added",
    }
    changed = found[str(pets[0].id)]
    assert (changed["before"]["label"], changed["after"]["label"]) == ("cat", "kitten")
    assert changed["sha256"] == pets[0].sha256
    assert found[str(new.id)]["before"] is None
    assert found[str(pets[1].id)]["after"] is None
    assert [one["sha256"] for one in changes] == sorted(one["sha256"] for one in changes)
    opposite = {one["image_id"]: one["change"] for one in list_changes(person, after, before)}
    assert opposite[str(new.id)] == "removed"
    assert list_changes(person, before, before) == []


def test_images_that_were_put_into_another_split(
    freeze: Freeze, pets: list[Image], person: Person
) -> None:
    before, after = freeze(), freeze(splits={"train": 1.0})
    changes = list_changes(person, before, after)
    assert len(changes) == 4
    assert {(one["before"]["split"], one["after"]["split"]) for one in changes} == {(None, "train")}


def test_copies_of_one_content_are_counted(
    freeze: Freeze, pets: list[Image], crawl: CrawlJob, session: Session, person: Person
) -> None:
    before = freeze()
    factories.image(session, crawl, sha256=pets[0].sha256, image_hash=None, label="cat")
    (change,) = list_changes(person, before, freeze())
    assert (change["change"], change["sha256"]) == ("added", pets[0].sha256)


def test_versions_of_other_projects_are_compared_by_content(
    freeze: Freeze, pets: list[Image], session: Session, person: Person
) -> None:
    other = factories.crawl_job(session, factories.project(session, person.id))
    factories.image(session, other, sha256=pets[0].sha256, label="cat", license="CC0")
    changes = list_changes(person, freeze(), freeze(project_id=other.project_id))
    assert [one["change"] for one in changes] == ["removed"] * 3


def test_what_cannot_be_compared(
    freeze: Freeze, pets: list[Image], crawl: CrawlJob, person: Person, system: System
) -> None:
    version = freeze()
    waiting = person.post(f"/v1/projects/{crawl.project_id}/versions", {"name": "v2"}, 202)
    path = f"/v1/versions/{version['id']}/diff"
    assert problem(person, f"{path}/{waiting['id']}") == 422
    assert problem(person, f"{path}/{version['id']}?cursor=AAAA") == 400
    assert problem(system.person(), f"{path}/{version['id']}") == 404


def problem(person: Person, path: str) -> Any:
    return person.request("GET", path).status_code


@pytest.mark.parametrize(("name", "value"), [("LEAST", 1), ("LEAST", 3), ("LARGEST", 1_000)])
def test_many_copies_in_pages_and_ranges_of_any_size(
    freeze: Freeze,
    crawl: CrawlJob,
    session: Session,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: int,
) -> None:
    """Copies of one content are changes where the other side does not have them."""
    monkeypatch.setattr(f"shared.versions.changes.{name}", value)
    images = factories.images(session, crawl, 12, label="cat")
    content = images[0].sha256
    copies = [
        factories.image(session, crawl, sha256=content, image_hash=None, label=label)
        for label in ("cat", "dog", "dog", "bird")
    ]
    before = freeze()
    for image in copies[2:]:
        image.label = "cow"
    for image in images[3:6]:
        image.caption = "new"
    factories.image(session, crawl, sha256=content, image_hash=None, label="fish")
    session.commit()
    after = freeze()
    found = [list_changes(person, before, after, limit) for limit in (1, 2, 3, 200)]
    assert all(changes == found[0] for changes in found)
    of_copies = [one for one in found[0] if one["sha256"] == content]
    assert [one["change"] for one in of_copies].count("changed") == 2
    assert {one["before"]["label"] for one in of_copies if one["before"]} == {"dog", "bird"}
    labels = sorted(one["after"]["label"] for one in of_copies)
    assert labels == ["cow", "cow", "fish"]
    assert len(found[0]) == 6
    # What an earlier release froze has no digests.
    session.execute(delete(VersionRange).where(VersionRange.version_id == UUID(before["id"])))
    session.commit()
    assert list_changes(person, before, after) == found[0]


def test_only_ranges_that_differ_are_read(
    freeze: Freeze, crawl: CrawlJob, session: Session, person: Person
) -> None:
    contents = [f"{number:064x}" for number in (0, 1, 2**240, 2**255, 2**256 - 1)]
    images = [factories.image(session, crawl, sha256=content) for content in contents]
    before = freeze()
    images[1].label, images[4].label = "new", "new"
    session.delete(images[3])
    session.commit()
    after = freeze()
    sides = UUID(before["id"]), UUID(after["id"])
    found = [list(find_differing_ranges(session, *sides, begin)) for begin in (b"", b"\0\1")]
    assert found == [[b"\0\0", b"\x80\0", b"\xff\xff"], [b"\x80\0", b"\xff\xff"]]
    changed = [one["sha256"] for one in list_changes(person, before, after)]
    assert changed == [contents[1], contents[3], contents[4]]


def test_ranges_near_each_other_are_read_at_once() -> None:
    ranges = [bytes(one) for one in ([0, 1], [0, 2], [0, 5], [0, 9], [1, 255], [2, 1])]
    begin, end = b"\0\1" + b"\3" * 30, b"\xff" * 30
    firsts, lasts = join_ranges(ranges, begin)
    assert firsts == [begin, b"\0\x09", b"\x01\xff"]
    assert lasts == [b"\0\5" + end, b"\0\x09" + end, b"\2\1" + end]


def test_a_cursor_of_other_versions(
    freeze: Freeze, pets: list[Image], session: Session, person: Person
) -> None:
    before = freeze()
    for image in pets:
        image.label = "changed"
    session.commit()
    after = freeze()
    path = f"/v1/versions/{before['id']}/diff/{after['id']}"
    cursor = person.get(f"{path}?limit=1")["next_cursor"]
    other = f"/v1/versions/{after['id']}/diff/{before['id']}"
    assert problem(person, f"{other}?cursor={cursor}") == 400


def test_what_was_deleted_between_pages_is_still_compared(
    freeze: Freeze, crawl: CrawlJob, session: Session, person: Person
) -> None:
    """A version keeps what it says of an image that is gone; one that is gone itself is a 404."""
    images = factories.images(session, crawl, 6, label="cat")
    ids = sorted(str(one.id) for one in images)
    before = freeze()
    for image in images:
        image.label = "dog"
    session.commit()
    after = freeze()
    path = f"/v1/versions/{before['id']}/diff/{after['id']}"
    first = person.get(f"{path}?limit=2")
    session.execute(delete(Image).where(Image.project_id == crawl.project_id))
    session.commit()
    rest = person.get(f"{path}?cursor={first['next_cursor']}")
    assert sorted(one["image_id"] for one in first["items"] + rest["items"]) == ids
    assert person.request("DELETE", f"/v1/versions/{after['id']}").status_code == 204
    assert problem(person, f"{path}?cursor={first['next_cursor']}") == 404


def test_versions_of_somebody_else_on_either_side(
    freeze: Freeze, pets: list[Image], person: Person, system: System, session: Session
) -> None:
    own = freeze()["id"]
    stranger = system.person()
    other = factories.version(session, factories.project(session, stranger.id)).id
    for path in (f"{own}/diff/{other}", f"{other}/diff/{own}"):
        for one in (person, stranger):
            assert problem(one, f"/v1/versions/{path}") == 404
