"""Images inherit from those whose place they take."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.imaging import THUMBNAIL
from shared.messaging.messages import Heir, OriginalsChanged
from shared.models import Image, ImageAnalysis, ImageVariant, Project
from shared.models.base import new_id
from tests import factories
from tests.harness import Person, System

SMALL: dict[str, Any] = {"name": "small", "width": 32, "height": 32, "format": "webp"}
BASIC: dict[str, Any] = {"analyzer": "basic", "model_id": None, "model_version": "1"}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def variant(image: Image, name: str, **columns: Any) -> ImageVariant:
    spec = {"width": 32, "height": 32, "fit": "contain", "format": "webp"}
    row = {"spec": spec, "object": f"variants/{name}", "width": 1, "height": 1, "file_size": 1}
    return ImageVariant(image_id=image.id, name=name, **row | columns)


def names_of(session: Session, image: Image) -> list[str]:
    statement = select(ImageVariant.name).where(ImageVariant.image_id == image.id)
    return sorted(session.scalars(statement))


def test_variants_are_made_and_analyzers_asked_once(
    system: System, session: Session, project: Project
) -> None:
    image = factories.store_image(session, project)
    heir = Heir(image_id=image.id, variants=[SMALL], analyses=[BASIC])
    gone = Heir(image_id=new_id(), variants=[SMALL], analyses=[BASIC])
    for _ in range(2):
        system.send(OriginalsChanged(project_id=project.id, heirs=[heir, gone]))
        system.drain(copies=2)
    assert set(system.statuses) == {204}
    assert names_of(session, image) == ["small"]
    analyses = session.scalars(select(ImageAnalysis)).all()
    assert [(one.image_id, one.analyzer, one.status) for one in analyses] == [
        (image.id, "basic", "completed")
    ]
    assert system.mailbox.topics().count("variants-requested") == 1


def test_a_variant_that_is_there_stays(system: System, session: Session, project: Project) -> None:
    image = factories.store_image(session, project)
    session.add(variant(image, "small", object="variants/mine"))
    session.commit()
    heir = Heir(image_id=image.id, variants=[SMALL], analyses=[])
    system.send(OriginalsChanged(project_id=project.id, heirs=[heir]))
    system.drain()
    assert session.scalars(select(ImageVariant.object)).all() == ["variants/mine"]


def test_a_copy_takes_over_what_a_deleted_image_had(
    system: System, person: Person, session: Session, project: Project
) -> None:
    first = factories.store_image(session, project, label="cat", license="CC0")
    copy = factories.image(
        session,
        project,
        sha256=first.sha256,
        file_path=first.file_path,
        image_hash=None,
        phash=first.phash,
        is_duplicate=True,
        duplicate_of=first.id,
    )
    session.add_all([variant(first, "small"), variant(first, THUMBNAIL.name)])
    session.add(ImageAnalysis(image_id=first.id, analyzer="basic", model_version="1"))
    session.add(
        ImageAnalysis(image_id=first.id, analyzer="gemini", model_version="1", status="pending")
    )
    session.commit()
    person.request("DELETE", f"/v1/images/{first.id}")
    session.expire_all()
    assert (copy.is_duplicate, copy.label, copy.license) == (False, "cat", "CC0")
    assert names_of(session, copy) == ["small", "thumbnail"]
    analyses = session.scalars(select(ImageAnalysis)).all()
    assert [(one.image_id, one.analyzer) for one in analyses] == [(copy.id, "basic")]
    assert system.mailbox.topics() == ["objects-released"]


def test_what_looks_like_a_deleted_image_has_its_variants_made(
    system: System, person: Person, session: Session, project: Project
) -> None:
    options = {"dedup": "perceptual", "max_distance": 4}
    factories.crawl_job(session, project, options=options)
    first = factories.store_image(session, project, phash=0)
    near = factories.store_image(
        session, project, phash=1, is_duplicate=True, duplicate_of=first.id
    )
    session.add(variant(first, "small"))
    session.add(ImageAnalysis(image_id=first.id, analyzer="basic", model_version="1"))
    session.commit()
    person.request("DELETE", f"/v1/images/{first.id}")
    system.drain()
    session.expire_all()
    assert not near.is_duplicate
    assert names_of(session, near) == ["small"]
    assert session.scalars(select(ImageAnalysis.image_id)).all() == [near.id]
