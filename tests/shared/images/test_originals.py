"""The best of images that look alike is the original, in whatever order they come and go."""

import random
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.images import election
from shared.images.deduplication import insert_images
from shared.images.election import PlaceChange
from shared.images.originals import lock_contents
from shared.images.removal import remove_images
from shared.images.rows import hash_content
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, Image, Project
from shared.models.base import new_id
from shared.services import services
from tests import factories
from tests.harness import Person, in_parallel
from tests.shared.imaging.distances import measure_distance

Picture = tuple[str, int, int, int]  # content, hash, width (of as many rows), bytes


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def make_rows(project: Project, pictures: Iterable[Picture], **more: Any) -> list[Any]:
    return [
        {
            "id": new_id(),
            "project_id": project.id,
            "user_id": project.user_id,
            "image_hash": hash_content(project.user_id, content),
            "sha256": content,
            "phash": phash,
            "width": side,
            "height": side,
            "file_size": size,
            "label": None,
            "caption": None,
            "license": None,
            "attribution": None,
            "status": "completed",
            "is_duplicate": False,
            "duplicate_of": None,
        }
        | more
        for content, phash, side, size in pictures
    ]


def write(rows: list[Any], distance: int | None) -> list[PlaceChange]:
    with transaction(services().engine) as session:
        return insert_images(session, rows, distance=distance).changes


def remove(project: Project, image_ids: Iterable[UUID]) -> None:
    with transaction(services().engine) as session:
        lock_contents(session, project.id, alone=True)
        remove_images(session, Outbox(session), project.id, list(image_ids))


def find_places(session: Session) -> dict[str, str | None]:
    """The original of each content, by contents; every image says the same of its content."""
    session.expire_all()
    images = {image.id: image for image in session.scalars(select(Image))}
    places: dict[str, str | None] = {}
    for image in sorted(images.values(), key=lambda image: image.image_hash is None):
        assert image.is_duplicate == (image.duplicate_of is not None)
        original = images[image.duplicate_of] if image.duplicate_of else None
        assert original is None or not original.is_duplicate
        content = str(image.sha256)
        if image.image_hash is None:  # a copy
            assert original is not None
            assert original.sha256 == (places[content] or content)
        else:
            places[content] = None if original is None else str(original.sha256)
    return places


def choose_places(pictures: Iterable[Picture], distance: int) -> dict[str, str | None]:
    """The same by comparing each with each: best first, the nearest better original counts."""
    originals: list[Picture] = []
    places: dict[str, str | None] = {}
    for picture in sorted(set(pictures), key=lambda one: (-(one[2] ** 2), -one[3], one[0])):
        near = [
            (measure_distance(one[1], picture[1]), place, one[0])
            for place, one in enumerate(originals)
        ]
        near = [one for one in near if one[0] <= distance]
        places[picture[0]] = min(near)[2] if near else None
        if not near:
            originals.append(picture)
    return places


def make_pictures(seed: int, distance: int, count: int = 120) -> list[Picture]:
    """Groups of pictures, with many that are near to two of these that are not near each other."""
    chooser = random.Random(seed)
    seeds = [chooser.getrandbits(64) for _ in range(8)]
    pictures = []
    for number in range(count):
        value = chooser.choice(seeds)
        for _ in range(chooser.randrange(0, distance + 4)):
            value ^= 1 << chooser.randrange(64)
        side, size = chooser.randrange(1, 8) * 100, chooser.randrange(1, 4) * 1000
        pictures.append((f"{number:03d}", value - 2**63, side, size))
    return pictures


def split(pictures: Sequence[Picture], chooser: random.Random) -> list[list[Picture]]:
    """Chunks of any size, in any order."""
    shuffled = chooser.sample(pictures, len(pictures))
    chunks = []
    while shuffled:
        size = chooser.randrange(1, 30)
        chunks.append(shuffled[:size])
        shuffled = shuffled[size:]
    return chunks


@pytest.mark.parametrize("distance", [0, 2, 4, 5, 8, 12])
def test_the_best_is_the_original_in_any_order(
    project: Project, session: Session, distance: int
) -> None:
    pictures = make_pictures(distance, distance)
    expected = choose_places(pictures, distance)
    assert 8 <= sum(place is None for place in expected.values()) < len(expected)
    for order in range(3):
        for chunk in split(pictures + pictures[:10], random.Random(order)):
            write(make_rows(project, chunk), distance)
        assert find_places(session) == expected
        session.query(Image).delete()
        session.commit()


@pytest.mark.parametrize("distance", [2, 4, 8])
def test_deletions_leave_what_would_have_come_without_them(
    project: Project, session: Session, distance: int
) -> None:
    source = {"dedup": "perceptual", "max_distance": distance}
    factories.crawl_job(session, project, options=source)
    pictures = make_pictures(distance, distance)
    chooser = random.Random(distance)
    for chunk in split(pictures + pictures[:30], chooser):
        write(make_rows(project, chunk), distance)
    for _ in range(6):
        images = session.scalars(select(Image)).all()
        remove(project, [image.id for image in chooser.sample(images, 15)])
        session.expire_all()
        contents = set(session.scalars(select(Image.sha256)))
        left = [picture for picture in pictures if picture[0] in contents]
        assert find_places(session) == choose_places(left, distance)


def test_chunks_at_the_same_time(project: Project, session: Session) -> None:
    pictures = make_pictures(1, 4)
    chunks = [make_rows(project, chunk) for chunk in split(pictures, random.Random(1))]
    in_parallel([lambda chunk=chunk: write(chunk, 4) for chunk in chunks])
    assert find_places(session) == choose_places(pictures, 4)


def test_between_equal_sizes_bytes_decide_and_then_the_content(
    project: Project, session: Session
) -> None:
    for chunk in (
        [("b", 1, 100, 900)],
        [("c", 1, 100, 900)],
        [("a", 1, 100, 900)],
        [("large", 1, 100, 1000)],
        [("wide", 1, 101, 10)],
    ):
        write(make_rows(project, chunk), 4)
        expected = min(
            session.scalars(select(Image)),
            key=lambda one: (-(one.width or 0), -(one.file_size or 0), one.sha256 or ""),
        )
        assert set(find_places(session).values()) <= {None, expected.sha256}
    assert find_places(session)["wide"] is None


def test_chunks_count_images_by_the_places_that_they_have_now(
    project: Project, session: Session
) -> None:
    counted = {"downloaded_images": 2, "duplicate_images": 1, "valid_images": 2}
    jobs = [factories.crawl_job(session, project, **counted) for _ in range(2)]
    chunks = [
        factories.chunk(session, job, status="completed", downloaded=2, url_count=3, duplicate=1)
        for job in jobs
    ]
    for job, chunk, side in zip(jobs, chunks, (100, 50), strict=True):
        of_chunk = {"crawl_job_id": job.id, "crawl_chunk_id": chunk.id}
        far = 2**40 - 1 if side == 100 else 2**20 - 1
        pictures = [(f"near {side}", 1, side, 1), (f"far {side}", far, side, 1)]
        write(make_rows(project, pictures, **of_chunk), None)

    def counts() -> list[tuple[int, int]]:
        session.expire_all()
        for job, chunk in zip(jobs, chunks, strict=True):
            assert job.downloaded_images == job.valid_images == chunk.downloaded
            assert job.duplicate_images == chunk.duplicate
        return [(chunk.downloaded, chunk.duplicate) for chunk in chunks]

    write(make_rows(project, [("new", 1, 200, 1)]), 4)
    assert counts() == [(1, 2), (1, 2)]
    factories.crawl_job(session, project, options={"dedup": "perceptual", "max_distance": 4})
    new = session.scalars(select(Image.id).where(Image.sha256 == "new")).one()
    remove(project, [new])
    assert counts() == [(2, 1), (1, 2)]


def test_what_takes_the_place_of_another_is_told(project: Project, session: Session) -> None:
    small, middle, large = make_rows(
        project, [("small", 0b0000, 10, 1), ("middle", 0b0011, 20, 1), ("large", 0b1111, 30, 1)]
    )
    assert write([small], 2) == []
    changes = write([middle], 2)
    assert [(one.image_id, one.after) for one in changes] == [(small["id"], middle["id"])]
    places = {one.image_id: one.after for one in write([large], 2)}
    assert places == {middle["id"]: large["id"], small["id"]: None}


def test_what_many_pictures_look_like_is_bounded(
    project: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images beyond the limit go along with their original."""
    monkeypatch.setattr(election, "MOST_REVISED", 5)
    plain = [(f"{number:03d}", 0, 10 + number, 1) for number in range(40)]
    for start in range(0, 40, 8):
        write(make_rows(project, plain[start : start + 8]), 4)
    assert find_places(session) == {
        content: None if content == "039" else "039" for content, *_ in plain
    }


def test_labels_follow_the_picture_and_terms_stay_with_the_file(
    project: Project, session: Session
) -> None:
    says = {"label": "cat", "caption": "A cat.", "license": "CC0", "attribution": "Ann"}
    write(make_rows(project, [("small", 1, 10, 1)], **says), 4)
    write(make_rows(project, [("large", 1, 20, 1)]), 4)
    write(make_rows(project, [("other", 2**63 - 1, 20, 1)]), 4)
    write(make_rows(project, [("other small", 2**63 - 1, 10, 1)], **says), 4)
    session.expire_all()
    originals = session.scalars(select(Image).where(~Image.is_duplicate).order_by(Image.sha256))
    assert [(one.sha256, one.label, one.caption, one.license) for one in originals] == [
        ("large", "cat", "A cat.", None),
        ("other", "cat", "A cat.", None),
    ]


def test_a_copy_of_a_near_duplicate_tells_both(project: Project, session: Session) -> None:
    pictures = [("large", 1, 20, 1), ("small", 1, 10, 1)]
    write(make_rows(project, pictures), 4)
    write(make_rows(project, pictures[1:], label="cat", license="CC0", metadata_={"a": 1}), 4)
    session.expire_all()
    facts = {
        str(image.sha256): (image.label, image.license, image.metadata_)
        for image in session.scalars(select(Image).where(Image.image_hash.is_not(None)))
    }
    assert facts == {"large": ("cat", None, {}), "small": ("cat", "CC0", {"a": 1})}


def test_the_chunk_of_a_job_that_is_gone_is_no_matter(project: Project, session: Session) -> None:
    job = factories.crawl_job(session, project)
    chunk = factories.chunk(session, job)
    write(make_rows(project, [("small", 1, 10, 1)], crawl_chunk_id=chunk.id), 4)
    session.query(CrawlChunk).delete()
    session.query(CrawlJob).delete()
    session.commit()
    write(make_rows(project, [("large", 1, 20, 1)]), 4)
    assert find_places(session) == {"large": None, "small": "large"}
