"""Showing one image."""

import hashlib

import requests
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.models import (
    Image,
    ImageAnalysis,
    ImageVariant,
    Project,
    ValidationJob,
    ValidationResult,
)
from tests import factories
from tests.harness import Person


def test_what_is_known_about_an_image(person: Person, session: Session) -> None:
    crawl = factories.crawl_job(session, factories.project(session, person.id))
    image = factories.image(session, crawl)
    session.add_all(
        ImageVariant(image_id=image.id, name=name, object=name, width=1, height=2, file_size=3)
        for name in ("thumbnail", "large")
    )
    violation = {"rule": "min_width", "limit": 1000, "actual": 640}
    for violations in ([], [violation]):
        job = ValidationJob(crawl_job_id=crawl.id, name="v")
        session.add(job)
        session.flush()
        session.add(
            ValidationResult(
                validation_job_id=job.id,
                image_id=image.id,
                is_valid=not violations,
                violations=violations,
            )
        )
    for analyzer, description in (("basic", "old"), ("basic", "new"), ("gemini", "a cat")):
        session.add(ImageAnalysis(image_id=image.id, analyzer=analyzer, description=description))
        session.flush()
    session.commit()

    shown = person.get(f"/v1/images/{image.id}")
    assert [variant["name"] for variant in shown["variants"]] == ["large", "thumbnail"]
    assert shown["validation"]["violations"] == [violation]
    assert shown["validation"]["is_valid"] is False
    assert [one["description"] for one in shown["analyses"]] == ["new", "a cat"]


def test_nothing_is_known_yet(person: Person, session: Session) -> None:
    image = factories.image(session, factories.project(session, person.id))
    shown = person.get(f"/v1/images/{image.id}")
    assert (shown["variants"], shown["validation"], shown["analyses"]) == ([], None, [])


def test_addresses_are_signed_where_they_are_asked_for(person: Person, session: Session) -> None:
    image = factories.store_image(session, factories.project(session, person.id))
    path = f"/v1/images/{image.id}"
    plain = person.get(path)
    assert (plain["thumbnail_url"], plain["content_url"]) == (None, None)
    shown = person.get(f"{path}?thumbnails=true")
    assert shown["thumbnail_url"] is None
    content = requests.get(shown["content_url"], timeout=10).content
    assert hashlib.sha256(content).hexdigest() == image.sha256
    assert person.get(f"{path}?thumbnails=true")["content_url"] == shown["content_url"]
    processing = factories.image(session, session.get_one(Project, image.project_id))
    session.execute(update(Image).where(Image.id == processing.id).values(file_path=None))
    session.commit()
    assert person.get(f"/v1/images/{processing.id}?thumbnails=true")["content_url"] is None
