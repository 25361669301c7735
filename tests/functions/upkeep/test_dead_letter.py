"""Taking in what failed too often."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import (
    ChunkReady,
    CrawlRequested,
    Message,
    RelayDue,
    ValidationRequested,
    VariantsRequested,
)
from shared.messaging.outbox import Envelope
from shared.models import CrawlJob, DeadLetter, FetchFailure, Image, Project, ValidationJob
from shared.models.base import new_id
from shared.services import services
from tests import factories
from tests.harness import Person, System


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def bury(system: System, message: Message, subscription: str) -> None:
    """A message that its function failed on five times, and what follows from that."""
    system.send(message)
    system.dead_letter(system.mailbox.waiting.pop(), subscription)
    system.drain(copies=2)
    assert set(system.statuses) == {204}


def test_the_message_is_kept_whole(system: System, session: Session) -> None:
    bury(
        system,
        VariantsRequested(project_id=new_id(), image_ids=[], variants=[]),
        "renditions-derive",
    )
    letter = session.scalars(select(DeadLetter)).one()
    assert (letter.topic, letter.function) == ("variants-requested", "renditions_derive")
    assert letter.message["image_ids"] == []
    assert letter.attributes["pixmill-topic"] == "variants-requested"
    assert (letter.delivery_attempts, letter.subscription) == (5, "renditions-derive")
    assert letter.reason == "renditions_derive failed on it 5 times."


def test_a_crawl_job_ends(system: System, session: Session, project: Project) -> None:
    job = factories.crawl_job(session, project, status="pending", progress=0)
    bury(system, CrawlRequested(crawl_job_id=job.id), "crawler-plan")
    session.refresh(job)
    assert (job.status, job.error) == ("failed", "crawler_plan failed on it 5 times.")
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_a_chunk_ends_and_its_job_with_it(
    system: System, session: Session, project: Project
) -> None:
    job = factories.crawl_job(session, project, status="running", progress=0)
    urls = [{"url": f"http://example.com/{number}.jpg"} for number in range(3)]
    chunk = factories.chunk(session, job, status="running", attempts=5, urls=urls)
    bury(system, ChunkReady(crawl_job_id=job.id, chunk_id=chunk.id), "crawler-fetch")
    session.refresh(chunk)
    assert (chunk.status, chunk.failed) == ("failed", 3)
    session.refresh(job)
    assert (job.status, job.failed_images, job.total_images) == ("failed", 3, 3)
    assert "5 times" in (job.error or "")
    failures = session.scalars(select(FetchFailure)).all()
    assert {failure.reason for failure in failures} == {"chunk_failed"}


def test_a_validation_ends(system: System, session: Session, project: Project) -> None:
    job = ValidationJob(crawl_job_id=factories.crawl_job(session, project).id, name="v")
    session.add(job)
    session.commit()
    bury(system, ValidationRequested(validation_job_id=job.id), "validations-check")
    session.refresh(job)
    assert (job.status, job.error) == ("failed", "validations_check failed on it 5 times.")
    assert job.completed_at is not None


def test_an_upload_ends_and_its_file_goes(
    system: System, person: Person, session: Session, project: Project
) -> None:
    upload = person.upload(project.id, factories.picture())
    event = system.uploaded(f"uploads/{project.id}/{upload['image_id']}")
    system.mailbox.take()
    system.dead_letter(event, "renditions-ingest")
    system.drain()
    image = session.scalars(select(Image)).one()
    assert (image.status, image.is_valid) == ("failed", False)
    assert image.failure_reason == "renditions_ingest failed on it 5 times."
    assert services().storage.list_names(f"uploads/{project.id}/") == []


def test_what_has_ended_stays_as_it_is(system: System, session: Session, project: Project) -> None:
    job = factories.crawl_job(session, project)
    bury(system, CrawlRequested(crawl_job_id=job.id), "crawler-plan")
    session.refresh(job)
    assert (job.status, job.error) == ("completed", None)
    assert isinstance(job, CrawlJob)


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        ({}, {}),
        ({"x": 1}, {"pixmill-topic": "no-such-topic"}),
        ({"crawl_job_id": "nonsense"}, {"pixmill-topic": "crawl-requested"}),
        ({}, {"pixmill-topic": RelayDue.topic}),
        ({"name": "uploads/x"}, {"objectId": "uploads/x"}),
        ({"name": "other/x"}, {"objectId": "other/x"}),
    ],
)
def test_what_nobody_knows_is_kept_too(
    system: System, session: Session, body: dict[str, Any], attributes: dict[str, str]
) -> None:
    system.dead_letter(Envelope(new_id(), "x", body, attributes))
    system.drain()
    assert system.statuses == [204]
    assert session.scalars(select(DeadLetter)).one().message == body


def test_one_message_may_fail_in_two_functions(system: System, session: Session) -> None:
    system.send(VariantsRequested(project_id=new_id(), image_ids=[], variants=[]))
    message = system.mailbox.waiting.pop()
    for function in ("renditions-derive", "analyses-run"):
        system.dead_letter(message, function)
    system.drain(copies=2)
    functions = session.scalars(select(DeadLetter.function)).all()
    assert sorted(map(str, functions)) == ["analyses_run", "renditions_derive"]
