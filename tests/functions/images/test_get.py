"""Showing one image."""

from sqlalchemy.orm import Session

from shared.models import ImageAnalysis, ImageVariant, ValidationJob, ValidationResult
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
