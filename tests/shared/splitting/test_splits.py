"""A project's images are read, split and stored, whoever else does so at the time."""

from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.errors import Conflict
from shared.models import Project
from shared.schemas.splits import SplitOptions
from shared.splitting.blocks import load_splits, name_scheme, store_splits
from shared.splitting.images import PLAIN, read_images
from shared.splitting.splits import SplitBook, split_images
from tests import factories
from tests.harness import Person

OPTIONS = SplitOptions(splits={"train": 0.5, "test": 0.5})


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def test_what_is_read_of_images(
    project: Project, engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several pages, without those that no dataset can hold."""
    monkeypatch.setattr("shared.splitting.images.BLOCK", 2)
    crawl = factories.crawl_job(session, project)
    first = factories.image(session, crawl, phash=-1, label="cat", original_url="https://A.b:1/x")
    second = factories.image(
        session, crawl, phash=None, is_duplicate=True, duplicate_of=first.id, label="dog"
    )
    factories.image(session, crawl, rejected=True)
    factories.image(session, crawl, status="processing")
    third = factories.image(
        session, crawl, phash=7, is_valid=False, label="cat", metadata_={"who": "a"}
    )
    found = read_images(engine, project.id, ["host", "metadata.who"], joins_plain=False)
    assert [UUID(bytes=bytes(one)) for one in found.ids] == [first.id, second.id, third.id]
    assert bytes(found.originals[1]) == first.id.bytes
    assert found.hashes.tolist() == [2**64 - 1, 0, 7]
    assert found.has_hash.tolist() == [True, False, True]
    assert found.counts.tolist() == [True, False, False]
    assert [f"{point:016x}" for point in found.points.tolist()] == [
        str(image.sha256)[:16] for image in (first, second, third)
    ]
    assert found.labels[0] == found.labels[2] != found.labels[1]
    assert (found.keys["host"] != 0).tolist() == [True, False, False]
    assert (found.keys["metadata.who"] != 0).tolist() == [False, False, True]


STEADY, NOISY = 40, 41


@pytest.mark.parametrize(
    ("flips", "is_plain"),
    [
        ([NOISY, *[STEADY] * 4], True),
        ([STEADY] * 5, False),
        ([STEADY, *[NOISY, STEADY] * 2], True),
        ([STEADY, *[STEADY, NOISY] * 2], True),
        ([STEADY, NOISY, NOISY, STEADY, STEADY], False),
        ([STEADY, STEADY, STEADY, NOISY, NOISY], False),
    ],
)
def test_pictures_with_nothing_but_a_corner_are_plain(
    project: Project, engine: Engine, session: Session, flips: list[int], is_plain: bool
) -> None:
    """Halves that are noise are not compared."""
    halves = bytes(range(32)) + bytes(flips)
    for _ in range(2):
        factories.image(session, project, phash_halves=halves, sharpness=0, uniformity=1)
    found = read_images(engine, project.id, [], joins_plain=True)
    assert found.keys[PLAIN].tolist() == [is_plain] * 2
    assert found.has_half[:, 0].tolist() == [one == STEADY for one in flips[1:]]
    assert [f"{one:016x}" for one in found.halves[:, 1].tolist()] == [
        halves[8 * number : 8 * number + 8].hex() for number in range(4)
    ]


@pytest.mark.parametrize(("distance", "groups"), [(8, 3), (0, 5)])
def test_plain_pictures_share_a_split_where_noise_was_not_measured(
    project: Project, engine: Engine, session: Session, distance: int, groups: int
) -> None:
    """Three of a clear sky; what has edges, or many colours, is told apart by its hash."""
    measures = [(1.1, 0.6), (0.5, 0.47), (1.7, 0.43), (30.0, 0.7), (1.1, 0.2)]
    for number, (sharpness, uniformity) in enumerate(measures):
        phash = int("0123456789abcdef"[number] * 15, 16)
        factories.image(session, project, sharpness=sharpness, uniformity=uniformity, phash=phash)
    options = OPTIONS.model_copy(update={"leak_distance": distance})
    proof = split_images(engine, project.id, options).proof
    assert proof["groups"] == groups


def test_a_book_survives_being_put_away(project: Project, engine: Engine, session: Session) -> None:
    images = [factories.image(session, project) for _ in range(9)]
    book = split_images(engine, project.id, OPTIONS).book
    again = SplitBook.from_bytes(book.names, book.to_bytes())
    wanted = [*(image.id for image in images), UUID(int=5)]
    assert again.find(wanted) == book.find(wanted)
    assert book.find(wanted)[-1] is None
    assert set(book.find(wanted)[:-1]) <= {"train", "test"}
    assert book.find([]) == []


def test_splits_of_other_options_are_other_splits() -> None:
    names = {
        name_scheme(options)
        for options in (
            OPTIONS,
            SplitOptions(splits={"train": 0.6, "test": 0.4}),
            SplitOptions(splits=OPTIONS.splits, leak_distance=7),
            SplitOptions(splits=OPTIONS.splits, group_by=["host"]),
            SplitOptions(splits=OPTIONS.splits, stratify="label"),
        )
    }
    assert len(names) == 5
    assert name_scheme(SplitOptions(splits={"test": 0.5, "train": 0.5})) == name_scheme(OPTIONS)


def test_what_somebody_else_gave_meanwhile_counts(
    project: Project, engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is faster: its splits are kept, and ours go by them."""
    images = [factories.image(session, project) for _ in range(6)]
    calls: list[int] = []

    def be_late(at: Session, *arguments: object) -> bool:
        if not calls:
            calls.append(1)
            with transaction(engine) as other:
                ids = np.array([image.id.bytes for image in images], "S16")
                codes = np.zeros(6, np.int8)
                assert store_splits(other, project.id, name_scheme(OPTIONS), 0, ids, codes)
        return store_splits(at, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("shared.splitting.splits.store_splits", be_late)
    book = split_images(engine, project.id, OPTIONS).book
    assert set(book.find([image.id for image in images])) == {"test"}
    assert load_splits(session, project.id, name_scheme(OPTIONS))[0] == 1


def test_a_project_without_images(project: Project, engine: Engine) -> None:
    outcome = split_images(engine, project.id, OPTIONS)
    assert (outcome.proof["images"], outcome.warnings) == (0, [])


def test_columns_are_checked_before_anything_is_read(
    project: Project, engine: Engine, session: Session
) -> None:
    factories.image(session, project, metadata_={"who": "a"})
    options = SplitOptions(splits=OPTIONS.splits, group_by=["metadata.whom"])
    with pytest.raises(Conflict, match=r"there are metadata\.who\."):
        split_images(engine, project.id, options)
