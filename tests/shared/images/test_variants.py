"""The rows of renditions."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.images.variants import StoredVariant, write_variants
from shared.imaging import THUMBNAIL, Variant
from shared.models import ImageVariant, Project
from tests import factories
from tests.harness import Person

SMALL = Variant(name="small", width=32)


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def test_a_rendition_that_is_written_again_replaces_the_first(
    project: Project, session: Session
) -> None:
    one, other = factories.images(session, project, 2)
    first = StoredVariant(SMALL, "variants/first", 32, 24, 100)
    second = StoredVariant(SMALL, "variants/second", 32, 20, 90)
    assert write_variants(session, [(one.id, first), (other.id, first)]) == set()
    assert write_variants(session, [(one.id, second)]) == {"variants/first"}
    assert write_variants(session, [(one.id, second)]) == set()
    assert write_variants(session, []) == set()
    rows = session.scalars(select(ImageVariant).order_by(ImageVariant.image_id)).all()
    assert [(row.image_id, row.object, row.height, row.file_size) for row in rows] == [
        (one.id, "variants/second", 20, 90),
        (other.id, "variants/first", 24, 100),
    ]
    assert rows[0].spec == SMALL.spec


def test_a_thumbnail_is_the_processed_version_of_its_image(
    project: Project, session: Session
) -> None:
    one, other = factories.images(session, project, 2)
    stored = StoredVariant(THUMBNAIL, "variants/thumbnail", 32, 24, 100)
    write_variants(session, [(one.id, stored), (other.id, StoredVariant(SMALL, "s", 1, 1, 1))])
    session.refresh(one)
    session.refresh(other)
    assert (one.processed_path, other.processed_path) == ("variants/thumbnail", None)
