"""Originals and duplicates, also when chunks are written at the same time."""

import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.images.deduplication import insert_images
from shared.images.rows import hash_content
from shared.models import Image, Profile, Project
from shared.models.base import new_id
from shared.services import services
from tests import factories
from tests.harness import System, in_parallel


@pytest.fixture
def project(system: System, session: Session) -> Project:
    """A project to put images into."""
    owner = Profile(email="ada@example.com", hashed_password="x")
    project = Project(user=owner, name="Animals")
    session.add(project)
    session.commit()
    session.refresh(project)
    session.expunge(project)
    return project


def rows(project: Project, contents: Iterable[str], phash: int | None = None) -> list[Any]:
    """Rows as a chunk brings them; a content's perceptual hash is its own unless given."""
    return [
        {
            "id": new_id(),
            "project_id": project.id,
            "user_id": project.user_id,
            "image_hash": hash_content(project.user_id, content),
            "sha256": content,
            "phash": phash_of(content) if phash is None else phash,
            "label": None,
            "caption": None,
            "license": None,
            "attribution": None,
            "status": "completed",
            "is_duplicate": False,
            "duplicate_of": None,
        }
        for content in contents
    ]


def phash_of(content: str) -> int:
    """A signed 64-bit number that follows from the text."""
    return random.Random(content).getrandbits(64) - 2**63


def write(given: list[Any], *, plain: bool = False, distance: int | None = None) -> None:
    """One chunk's transaction."""
    ids = [row["id"] for row in given] if plain else []
    with transaction(services().engine) as session:
        insert_images(session, given, plain=ids, distance=distance)


def originals(session: Session) -> dict[UUID, Image]:
    """Images that are no duplicates."""
    return {one.id: one for one in session.scalars(select(Image).where(~Image.is_duplicate))}


def test_chunks_with_the_same_contents_in_any_order(project: Project, session: Session) -> None:
    contents = [f"content {n}" for n in range(40)]
    chunks = []
    for number in range(8):
        shuffled = contents + contents[:5]
        random.Random(number).shuffle(shuffled)
        chunks.append(rows(project, shuffled))
    in_parallel([lambda chunk=chunk: write(chunk) for chunk in chunks])
    found = originals(session)
    assert sorted(str(one.sha256) for one in found.values()) == sorted(contents)
    everything = session.scalars(select(Image)).all()
    assert len(everything) == 8 * 45
    for image in everything:
        if image.is_duplicate:
            assert image.image_hash is None
            assert image.duplicate_of is not None
            assert found[image.duplicate_of].sha256 == image.sha256


def test_originals_take_what_they_lack_from_copies(project: Project, session: Session) -> None:
    def said(image: Image) -> tuple[str | None, ...]:
        return (image.label, image.caption, image.license, image.attribution)

    bare, labelled = rows(project, ["bare", "labelled"])
    write([bare, labelled | {"label": "cat", "license": None}])
    both = {"label": "dog", "caption": "A dog.", "license": "CC0"}
    write([row | both for row in rows(project, ["bare", "labelled", "new"])])
    write([row | {"caption": "Late", "attribution": "Ann"} for row in rows(project, ["bare"])])
    twice = [row | {"label": None} for row in rows(project, ["twice", "twice", "twice"])]
    twice[1]["label"], twice[2]["label"] = "first", "second"
    write(twice)
    found = {str(image.sha256): said(image) for image in originals(session).values()}
    assert found == {
        "bare": ("dog", "A dog.", "CC0", "Ann"),
        "labelled": ("cat", "A dog.", "CC0", None),
        "new": ("dog", "A dog.", "CC0", None),
        "twice": ("first", None, None, None),
    }


def test_only_duplicates_of_the_same_project_say_something(
    project: Project, session: Session
) -> None:
    other = factories.project(session, project.user_id)
    write(rows(project, ["a"]))
    write([row | {"label": "cat"} for row in rows(project, ["a"])], plain=True)
    write([row | {"label": "cat"} for row in rows(other, ["a", "a"])])
    labels = select(Image.label).where(
        Image.project_id == project.id, Image.image_hash.is_not(None)
    )
    assert session.scalars(labels).all() == [None]


def test_chunks_that_say_something_about_the_same_originals_at_the_same_time(
    project: Project, session: Session
) -> None:
    contents = [f"content {n}" for n in range(40)]
    write(rows(project, contents))
    chunks = []
    for number in range(8):
        shuffled = contents.copy()
        random.Random(number).shuffle(shuffled)
        chunks.append([row | {"label": f"label {number}"} for row in rows(project, shuffled)])
    in_parallel([lambda chunk=chunk: write(chunk) for chunk in chunks])
    assert {image.label is None for image in originals(session).values()} == {False}


def test_copies_that_are_not_marked(project: Project, session: Session) -> None:
    in_parallel([lambda: write(rows(project, ["a", "b", "a"]), plain=True) for _ in range(3)])
    everything = session.scalars(select(Image)).all()
    assert len(everything) == 9
    assert not any(image.is_duplicate for image in everything)
    assert sum(image.image_hash is not None for image in everything) == 2


def test_chunks_that_look_alike_at_the_same_time(project: Project, session: Session) -> None:
    chunks = [rows(project, [f"shot {n}"], 2**40 + (1 << n)) for n in range(8)]
    in_parallel([lambda chunk=chunk: write(chunk, distance=4) for chunk in chunks])
    (original,) = originals(session)
    duplicates = session.scalars(select(Image.duplicate_of).where(Image.is_duplicate)).all()
    assert duplicates == [original] * 7


def test_copy_of_a_near_duplicate_leads_to_the_original(project: Project, session: Session) -> None:
    given = [*rows(project, ["first"], 1000), *rows(project, ["second", "second"], 1001)]
    write(given, distance=4)
    write(rows(project, ["second"], 1001))
    assert list(originals(session)) == [given[0]["id"]]
    duplicates = session.scalars(select(Image.duplicate_of).where(Image.is_duplicate)).all()
    assert duplicates == [given[0]["id"]] * 3
