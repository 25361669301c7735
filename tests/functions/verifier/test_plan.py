"""Planning a verification: which images are asked for, portion by portion."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging.messages import VerificationRequested
from shared.models import (
    CrawlJob,
    Project,
    VerificationChunk,
    VerificationJob,
    VerificationResult,
)
from tests import factories
from tests.harness import Person, System

URL = "https://Photos.Example.org:8443/a.jpg"


@pytest.fixture
def crawl(person: Person, session: Session) -> CrawlJob:
    """Return a completed crawl job without images."""
    return factories.crawl_job(session, factories.project(session, person.id))


def start(person: Person, crawl: CrawlJob, **body: Any) -> str:
    path = f"/v1/projects/{crawl.project_id}/verification-jobs"
    return str(person.post(path, body, 202)["id"])


def plan(system: System) -> int:
    """Plan to the end; return how many messages that took. Chunks wait."""
    messages = 0
    while requested := [one for one in system.mailbox.take() if one.topic.endswith("requested")]:
        for one in requested:
            assert system.deliver(one) == [204]
            messages += 1
    return messages


def show(person: Person, job_id: str) -> Any:
    return person.get(f"/v1/verification-jobs/{job_id}")


def test_each_image_with_an_origin_is_in_one_chunk(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    project = session.get_one(Project, crawl.project_id)
    other = factories.crawl_job(session, project)
    factories.images(session, crawl, 230, original_url=URL)
    factories.images(session, other, 3, original_url="http://other.example.org/b.jpg")
    factories.images(session, project, 2)  # uploads
    factories.images(session, crawl, 1, original_url=URL, status="failed")
    elsewhere = factories.crawl_job(session, factories.project(session, person.id))
    factories.images(session, elsewhere, 1, original_url=URL)
    job = start(person, crawl)
    assert plan(system) == 1
    shown = show(person, job)
    assert (shown["status"], shown["progress"]) == ("running", 0)
    assert (shown["total_images"], shown["without_origin"]) == (233, 2)
    sizes = session.execute(
        select(VerificationChunk.crawl_job_id, func.count())
        .join(VerificationResult, VerificationResult.chunk_id == VerificationChunk.id)
        .group_by(VerificationChunk.id)
        .order_by(func.count().desc())
    )
    assert [tuple(row) for row in sizes] == [
        (crawl.id, 100),
        (crawl.id, 100),
        (crawl.id, 30),
        (other.id, 3),
    ]
    hosts = set(session.scalars(select(VerificationResult.host)))
    assert hosts == {"photos.example.org", "other.example.org"}
    assert system.mailbox.topics().count("verification-chunk-ready") == 4


@pytest.mark.parametrize("again", [False, True])
def test_portions_add_up(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
    again: bool,
) -> None:
    """Also where each message is sent again, as another, by a sweep that took it for lost."""
    monkeypatch.setattr("functions.verifier.plan.PORTION", 7)
    factories.images(session, crawl, 20, original_url=URL)
    job = start(person, crawl)
    sent: set[str] = set()
    while requested := [one for one in system.mailbox.take() if one.topic.endswith("requested")]:
        for one in requested:
            assert system.deliver(one) == [204]
            if again and (body := str(sorted(one.body.items()))) not in sent:
                sent.add(body)
                system.send(VerificationRequested.model_validate(one.body))
    assert show(person, job)["total_images"] == 20
    assert session.scalar(select(func.count()).select_from(VerificationResult)) == 20
    assert session.scalar(select(func.count()).select_from(VerificationChunk)) == 3
    assert len(sent) == (3 if again else 0)


def test_a_filter_chooses_images(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2, original_url=URL, label="cat")
    factories.images(session, crawl, 3, original_url=URL, label="dog")
    job = start(person, crawl, filter={"label": "cat", "crawl_job_id": str(crawl.id)})
    plan(system)
    assert show(person, job)["total_images"] == 2


def test_a_project_without_images(system: System, person: Person, crawl: CrawlJob) -> None:
    job = start(person, crawl)
    plan(system)
    shown = show(person, job)
    assert (shown["status"], shown["progress"], shown["total_images"]) == ("completed", 100, 0)
    assert system.mailbox.topics()[-1] == "verification-job-completed"


def test_a_job_that_is_cancelled_or_gone_is_not_planned(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2, original_url=URL)
    job = start(person, crawl)
    person.post(f"/v1/verification-jobs/{job}/cancel", status=202)
    assert plan(system) == 1
    assert session.scalar(select(func.count()).select_from(VerificationResult)) == 0
    session.delete(session.scalars(select(VerificationJob)).one())
    session.commit()
    system.send(VerificationRequested(verification_job_id=crawl.id))
    assert plan(system) == 1


def test_a_plan_that_fails_every_time_ends_the_job(
    system: System, person: Person, crawl: CrawlJob
) -> None:
    job = start(person, crawl)
    (requested,) = system.mailbox.take()
    system.dead_letter(requested, "verifier-plan")
    system.drain()
    shown = show(person, job)
    assert shown["status"] == "failed"
    assert "verifier_plan failed on it 5 times" in shown["error"]
