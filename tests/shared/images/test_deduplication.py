"""Originals and duplicates, also when chunks are written at the same time."""

import random
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.images.deduplication import insert_images
from shared.images.edits import edit_images
from shared.images.rows import hash_content
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Image, Profile, Project
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


FACTS = ("label", "caption", "license", "attribution", "metadata_")
ENTRY = ("original_url", "source_page", "rights_signal_ids", "list_position")


def list_entries(project: Project, crawl: CrawlJob, contents: Sequence[str]) -> list[Any]:
    """Rows of a list's entries: of what each says a part, in words that name its place."""
    random_ = random.Random(7)
    return [
        row
        | {name: f"{name} {place}" if random_.random() < 0.4 else None for name in FACTS[:4]}
        | {
            "crawl_job_id": crawl.id,
            "list_position": place,
            "metadata_": {"place": place} if random_.random() < 0.4 else {},
            "original_url": f"https://example.org/{place}",
            "source_page": f"https://example.org/page/{place}",
            "rights_signal_ids": [UUID(int=place + 1)],
        }
        for place, row in enumerate(rows(project, contents))
    ]


def read_facts(session: Session, crawl: CrawlJob) -> dict[str, tuple[Any, ...]]:
    """Return by content what the originals of a job say."""
    session.expire_all()
    statement = select(Image).where(Image.crawl_job_id == crawl.id, ~Image.is_duplicate)
    return {
        str(one.sha256): tuple(getattr(one, name) for name in (*FACTS, *ENTRY))
        for one in session.scalars(statement)
    }


def expect_facts(entries: Sequence[Any]) -> dict[str, tuple[Any, ...]]:
    """Return what the list says: its first entry of each content, completed by those behind it."""
    expected = {}
    for content in {row["sha256"] for row in entries}:
        mine = [row for row in entries if row["sha256"] == content]
        said = [next((one[name] for one in mine if one[name]), mine[0][name]) for name in FACTS]
        expected[content] = (*said, *(mine[0][name] for name in ENTRY))
    return expected


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("distance", [None, 4])
def test_the_first_of_a_list_says_it_in_whatever_order_chunks_come(
    project: Project, session: Session, seed: int, distance: int | None
) -> None:
    crawl = factories.crawl_job(session, project)
    random_ = random.Random(seed)
    entries = list_entries(project, crawl, [f"content {n % 6}" for n in range(48)])
    expected = expect_facts(entries)
    chunks = [[dict(row) for row in entries[at : at + 4]] for at in range(0, 48, 4)]
    random_.shuffle(chunks)
    for chunk in chunks:
        write(chunk, distance=distance)
    assert read_facts(session, crawl) == expected
    # Each other row still has what its own entry said, and all of them are there.
    given = {row["list_position"]: row for row in entries}
    duplicates = session.scalars(select(Image).where(Image.is_duplicate)).all()
    assert len(duplicates) == 42
    for one in duplicates:
        assert {name: getattr(one, name) for name in (*FACTS, *ENTRY)} == {
            name: given[one.list_position][name] for name in (*FACTS, *ENTRY)
        }
        assert one.said_by is None


def test_chunks_of_a_list_at_the_same_time(project: Project, session: Session) -> None:
    crawl = factories.crawl_job(session, project)
    entries = list_entries(project, crawl, [f"content {n % 5}" for n in range(64)])
    expected = expect_facts(entries)
    chunks = [entries[at : at + 8] for at in range(0, 64, 8)]
    in_parallel([lambda chunk=chunk: write(chunk) for chunk in reversed(chunks)])
    assert read_facts(session, crawl) == expected


def test_only_entries_of_one_list_compete(project: Project, session: Session) -> None:
    """An image of another job, or one whose place nobody knows, keeps its words."""
    first, second = (factories.crawl_job(session, project) for _ in range(2))
    contents = ["a", "b"]
    of_first = [row | {"label": "first"} for row in list_entries(project, first, contents * 2)]
    write(of_first[2:])
    write([row | {"label": "second"} for row in list_entries(project, second, contents)])
    unknown = [row | {"label": "unknown", "list_position": None} for row in of_first[:2]]
    write([row | {"id": new_id()} for row in unknown])
    kept = session.scalars(select(Image).where(~Image.is_duplicate)).all()
    assert {(one.label, one.crawl_job_id) for one in kept} == {("first", first.id)}
    assert {one.list_position for one in kept} == {2, 3}


def test_what_a_person_changed_stays(project: Project, session: Session, system: System) -> None:
    crawl = factories.crawl_job(session, project)
    contents = ["relabelled", "emptied", "captioned", "confirmed"]
    late = [
        row | {"label": "late", "caption": None, "license": "late"}
        for row in list_entries(project, crawl, contents * 2)[4:]
    ]
    write(late)
    changes: list[dict[str, Any]] = [
        {"label": "mine"},
        {"label": None},
        {"caption": "mine"},
        {"label": "late"},
    ]
    with transaction(services().engine) as fresh:
        for row, change in zip(late, changes, strict=True):
            which = select(Image).where(Image.id == row["id"])
            edit_images(fresh, Outbox(fresh), project.id, which, change)
    early = [
        row | {"label": "early", "caption": "early", "license": "early"}
        for row in list_entries(project, crawl, contents)
    ]
    write(early)
    kept = session.scalars(select(Image).where(~Image.is_duplicate)).all()
    assert {one.sha256: (one.label, one.caption, one.license) for one in kept} == {
        "relabelled": ("mine", "early", "late"),
        "emptied": (None, "early", "late"),
        "captioned": ("late", "mine", "late"),
        "confirmed": ("late", "early", "late"),
    }


def test_what_a_person_said_is_theirs_on_another_image_too(
    project: Project, session: Session, system: System
) -> None:
    """An image that takes it over, since it looks better, keeps it when its list says otherwise."""
    crawl = factories.crawl_job(session, project)
    late, small, better, early = (
        row | {"list_position": place, "label": label, "phash": 1000, "width": width, "height": 1}
        for row, place, label, width in zip(
            list_entries(project, crawl, ["small", "other", "better", "better"]),
            (9, 2, 5, 1),
            ("late", "small", None, "early"),
            (2, 1, 3, 3),
            strict=True,
        )
    )
    write([late], distance=4)
    write([small], distance=4)
    with transaction(services().engine) as fresh:
        which = select(Image).where(Image.id == late["id"])
        edit_images(fresh, Outbox(fresh), project.id, which, {"label": "mine"})
    write([better], distance=4)
    write([early], distance=4)
    assert {one.id: one.label for one in originals(session).values()} == {better["id"]: "mine"}


def test_holders_and_originals_are_locked_at_once(project: Project, session: Session) -> None:
    """Copies of near duplicates and of their originals that come at the same time do not block."""
    pairs = [(f"first {n}", f"second {n}") for n in range(20)]
    phashes = {name: phash_of(pair[0]) for pair in pairs for name in pair}
    for first, second in pairs:
        given = [rows(project, [name], phashes[name])[0] for name in (first, second)]
        write(given, distance=4)
    contents = [
        [second for _, second in pairs],
        [*(first for first, _ in pairs), *(second for _, second in pairs)],
    ]
    chunks = [
        [rows(project, [name], phashes[name])[0] | {"label": "x"} for name in chosen]
        for chosen in contents * 4
    ]
    in_parallel([lambda chunk=chunk: write(chunk) for chunk in chunks])
    kept = originals(session)
    assert [one.label for one in kept.values()] == ["x"] * 20
