"""Finding images that look alike."""

from collections.abc import Sequence

import pytest
from sqlalchemy.orm import Session

from shared.models import Image, Project
from tests import factories
from tests.harness import Person, expect

# Each differs from zero in so many bits, spread over the bands of the index; the last in the sign.
HASHES = {0: 0, 1: 1 << 62, 3: 1 | 1 << 22 | 1 << 43, 5: 0b11111, 6: 0b111111, 64: -1}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def images(session: Session, project: Project) -> Sequence[Image]:
    return [factories.image(session, project, phash=phash) for phash in HASHES.values()]


@pytest.mark.parametrize("distance", [0, 1, 4, 5, 6, 63, 64])
def test_nearest_first(
    person: Person, images: Sequence[Image], distance: int, session: Session, project: Project
) -> None:
    twin = factories.image(session, project, phash=0)
    page = person.get(f"/v1/images/{twin.id}/similar?max_distance={distance}")
    wanted = [(bits, str(image.id)) for bits, image in zip(HASHES, images, strict=True)]
    found = [(image["distance"], image["id"]) for image in page["items"]]
    assert found == [one for one in wanted if one[0] <= distance]
    assert page["next_cursor"] is None


def test_no_more_than_asked_for(person: Person, images: Sequence[Image]) -> None:
    found = person.get(f"/v1/images/{images[0].id}/similar?max_distance=64&limit=2")["items"]
    assert [image["distance"] for image in found] == [1, 3]


def test_other_projects_do_not_count(
    person: Person, session: Session, images: Sequence[Image]
) -> None:
    elsewhere = factories.image(session, factories.project(session, person.id), phash=0)
    found = person.get(f"/v1/images/{images[0].id}/similar?max_distance=64&limit=200")["items"]
    assert str(elsewhere.id) not in str(found)
    assert len(found) == len(images) - 1


def test_an_image_that_waits_for_its_file_looks_like_none(
    person: Person, session: Session, project: Project, images: Sequence[Image]
) -> None:
    waiting = factories.image(session, project, phash=None, status="processing")
    assert person.get(f"/v1/images/{waiting.id}/similar?max_distance=64")["items"] == []


@pytest.mark.parametrize("query", ["max_distance=65", "max_distance=-1", "limit=0", "limit=201"])
def test_bounds(person: Person, images: Sequence[Image], query: str) -> None:
    expect(person.request("GET", f"/v1/images/{images[0].id}/similar?{query}"), 422)
