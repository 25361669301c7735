"""The search by bands finds what comparing every pair finds."""

import random
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from shared.images.similarity import select_similar
from shared.models import Base, CrawlJob, Image, Profile, Project, new_id

TABLES = [Base.metadata.tables[name] for name in ("profiles", "projects", "crawl_jobs", "images")]
OWNER, PROJECT, JOB, OTHER_JOB = (new_id() for _ in range(4))


@pytest.fixture(scope="module")
def tables(scratch: Engine) -> None:
    Base.metadata.create_all(scratch, tables=TABLES)
    with scratch.begin() as connection:
        connection.execute(insert(Profile).values(id=OWNER, email="a@example.com"))
        connection.execute(insert(Project).values(id=PROJECT, user_id=OWNER, name="p"))
        for job in (JOB, OTHER_JOB):
            connection.execute(insert(CrawlJob).values(id=job, project_id=PROJECT, name="c"))


@pytest.fixture
def connection(scratch: Engine, tables: None) -> Iterator[Connection]:
    with scratch.connect() as connection:
        yield connection


def store(
    connection: Connection, hashes: list[int | None], job: UUID = JOB
) -> dict[UUID, int | None]:
    """Images with these unsigned hashes in this order; ids by order."""
    images = {new_id(): one for one in hashes}
    assert list(images) == sorted(images)
    connection.execute(
        text(
            "INSERT INTO images (id, project_id, user_id, crawl_job_id, phash)"
            " SELECT id, :project, :owner, :job, phash"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bigint[])) AS new (id, phash)"
        ),
        {
            "project": PROJECT,
            "owner": OWNER,
            "job": job,
            "ids": list(images),
            "hashes": [None if one is None else to_signed(one) for one in images.values()],
        },
    )
    return images


def to_signed(unsigned: int) -> int:
    return unsigned - 2**64 if unsigned >= 2**63 else unsigned


def flip_bits(one: int, bits: int, source: random.Random) -> int:
    for bit in source.sample(range(64), bits):
        one ^= 1 << bit
    return one


def by_every_pair(images: dict[UUID, int | None], distance: int) -> dict[UUID, tuple[UUID, int]]:
    hashed = [(image_id, one) for image_id, one in images.items() if one is not None]
    found = {}
    for index, (image_id, one) in enumerate(hashed):
        near = min(
            ((one ^ other).bit_count(), original) for original, other in hashed[:index]
        ) if index else (65, image_id)  # fmt: skip
        if near[0] <= distance:
            found[image_id] = (near[1], near[0])
    return found


def by_statement(
    connection: Connection,
    distance: int,
    after: UUID | None = None,
    until: UUID | None = None,
) -> dict[UUID, tuple[UUID, int]]:
    rows = connection.execute(select_similar(JOB, distance, after=after, until=until))
    return {image_id: (original_id, bits) for image_id, original_id, bits in rows}


def sample(source: random.Random) -> list[int | None]:
    """Hashes with near and exact copies of all distances, the sign bit included."""
    seeds = [source.getrandbits(64) for _ in range(20)] + [0, 2**64 - 1, 2**63]
    copies = [flip_bits(source.choice(seeds), bits, source) for bits in range(20) for _ in range(6)]
    hashes: list[int | None] = [*seeds, *copies, *seeds[:5], None, None]
    source.shuffle(hashes)
    return hashes


@pytest.mark.parametrize("distance", range(17))
def test_every_distance_is_exact(connection: Connection, distance: int) -> None:
    images = store(connection, sample(random.Random(distance)))
    expected = by_every_pair(images, distance)
    assert expected
    assert by_statement(connection, distance) == expected


@pytest.mark.parametrize("distance", [0, 4, 12])
def test_portions_add_up_to_the_whole(connection: Connection, distance: int) -> None:
    images = store(connection, sample(random.Random(7)))
    ids = list(images)
    found: dict[UUID, tuple[UUID, int]] = {}
    for after, until in ((None, ids[40]), (ids[40], ids[90]), (ids[90], None)):
        portion = by_statement(connection, distance, after, until)
        assert not found.keys() & portion.keys()
        found |= portion
    assert found == by_every_pair(images, distance)


def test_the_first_of_its_kind_is_kept(connection: Connection) -> None:
    first, second, third = store(connection, [5, 4, 5])
    assert by_statement(connection, 1) == {second: (first, 1), third: (first, 0)}


def test_other_jobs_and_images_without_a_hash_do_not_count(connection: Connection) -> None:
    store(connection, [5], OTHER_JOB)
    store(connection, [None, 5, None])
    assert by_statement(connection, 16) == {}


def joins_by_equality(connection: Connection) -> bool:
    """Return whether bands are matched by hashing or sorting, and not image by image."""
    connection.execute(text("ANALYZE images"))
    statement = select_similar(JOB, 4).compile(connection, compile_kwargs={"literal_binds": True})
    plan = "\n".join(connection.scalars(text("EXPLAIN " + str(statement).replace(":", "\\:"))))
    conditions = re.findall(r"(Hash|Merge) Cond: .*\|.*", plan)
    return bool(conditions)


def test_ten_thousand_images_are_no_matter_of_pairs(connection: Connection) -> None:
    source = random.Random(1)
    hashes = [source.getrandbits(64) for _ in range(9_000)]
    hashes += [flip_bits(one, 4, source) for one in hashes[:1000]]
    images = list(store(connection, list(hashes)))
    assert joins_by_equality(connection)
    assert set(by_statement(connection, 4)) == set(images[9_000:])


def count_compared(connection: Connection) -> int:
    """Return the rows that the busiest step of the search gives or throws away."""
    statement = select_similar(JOB, 4).compile(connection, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + str(statement).replace(":", "\\:")
    steps = connection.scalars(text(explain)).one()
    most = 0
    while steps:
        step = steps.pop()
        steps += [step["Plan"]] if "Plan" in step else step.get("Plans", [])
        removed = sum(count for name, count in step.items() if name.startswith("Rows Removed"))
        most = max(most, (step.get("Actual Rows", 0) + removed) * step.get("Actual Loops", 1))
    return int(most)


def test_the_same_image_ten_thousand_times_is_no_matter_of_pairs(connection: Connection) -> None:
    images = list(store(connection, [42] * 10_000))
    found = by_statement(connection, 4)
    assert found == dict.fromkeys(images[1:], (images[0], 0))
    assert 10_000 <= count_compared(connection) <= 100_000


def test_the_statement_can_be_joined(connection: Connection) -> None:
    store(connection, [1, 1, 2**60])
    near = select_similar(JOB, 0).subquery()
    joined = select(Image.id, near.c.distance).outerjoin(near, near.c.image_id == Image.id)
    rows = connection.execute(joined.where(Image.crawl_job_id == JOB).order_by(Image.id)).all()
    assert [distance for _, distance in rows] == [None, 0, None]
