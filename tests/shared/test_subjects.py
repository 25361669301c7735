"""A final failure on the row that it belongs to."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.chunks import fail_chunk
from shared.declarations import MessageOperation
from shared.messaging.messages import (
    ChunkReady,
    CrawlRequested,
    ExportRequested,
    Message,
    RelayDue,
    UploadFinalized,
    ValidationRequested,
    VariantsRequested,
    VersionRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, ExportJob, Project, ValidationJob, VersionImage
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions
from shared.storage.names import name_upload
from shared.subjects import find_subject, record_failure
from tests import factories
from tests.harness import Person

REASON = "It cannot be done."


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def record(session: Session, message: Message, reason: str = REASON) -> list[str]:
    """Record a failure; return the topics of what is said about it."""
    outbox = Outbox(session)
    record_failure(session, message, reason, outbox)
    session.commit()
    session.expire_all()
    return sorted(one.topic for one in outbox.added)


def test_a_crawl_job(session: Session, project: Project) -> None:
    job = factories.crawl_job(session, project, status="running")
    message = CrawlRequested(crawl_job_id=job.id)
    assert record(session, message) == ["crawl-completed"]
    assert (job.status, job.error) == ("failed", REASON)
    assert record(session, message, "Another reason.") == []
    assert job.error == REASON


def test_a_chunk(session: Session, project: Project) -> None:
    chunk = factories.chunk(session, factories.crawl_job(session, project, status="running"))
    message = ChunkReady(crawl_job_id=chunk.crawl_job_id, chunk_id=chunk.id)
    assert record(session, message) == ["work-settled"]
    assert (chunk.status, chunk.error, chunk.failed) == ("failed", REASON, 1)
    assert record(session, message) == []
    assert fail_chunk(session, chunk.id, REASON, Outbox(session)) is False


def test_variants_of_an_image(session: Session, project: Project) -> None:
    image, other = (factories.store_image(session, project) for _ in range(2))
    message = VariantsRequested(
        project_id=project.id,
        image_ids=[image.id],
        variants=[{"name": "small", "width": 32, "format": "png"}],
    )
    assert record(session, message) == []
    (request,) = image.variant_requests or []
    assert (request["name"], request["status"]) == ("small", "failed")
    assert request["failure_reason"] == REASON
    assert other.variant_requests is None


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_validation(session: Session, project: Project, status: str) -> None:
    crawl = factories.crawl_job(session, project)
    job = ValidationJob(crawl_job_id=crawl.id, name="v", status=status)
    session.add(job)
    session.commit()
    record(session, ValidationRequested(validation_job_id=job.id))
    assert (job.status, job.error) == ("failed", REASON)
    assert job.completed_at is not None


@pytest.mark.parametrize("status", ["pending", "running"])
def test_an_export_leaves_no_parts(session: Session, project: Project, status: str) -> None:
    job = ExportJob(project_id=project.id, user_id=project.user_id, name="e", status=status)
    session.add(job)
    session.commit()
    message = ExportRequested(export_job_id=job.id)
    assert record(session, message) == ["export-completed", "objects-released"]
    assert (job.status, job.error) == ("failed", REASON)
    assert record(session, message) == []


def test_a_version_keeps_no_images(session: Session, project: Project) -> None:
    version = DatasetVersion(project_id=project.id, name="v1", status="running")
    session.add(version)
    session.flush()
    session.add(VersionImage(version_id=version.id, sha256=b"0" * 32, image_id=new_id()))
    session.commit()
    message = VersionRequested(version_id=version.id)
    assert record(session, message) == []
    assert (version.status, version.error) == ("failed", REASON)
    assert session.scalars(select(VersionImage)).all() == []


def test_an_upload_leaves_no_file(session: Session, project: Project) -> None:
    image = factories.image(session, project, status="processing", file_path=None)
    name = name_upload(project.id, image.id)
    event: dict[str, Any] = {"bucket": "b", "name": name, "generation": 7, "size": 1}
    assert record(session, UploadFinalized(**event)) == ["objects-released"]
    assert (image.status, image.is_valid) == ("failed", False)
    assert (image.failure_reason, image.generation) == (REASON, 7)


@pytest.mark.parametrize("name", ["uploads/x", "uploads/{other}/{image}"])
def test_a_forged_name_changes_no_image(session: Session, project: Project, name: str) -> None:
    image = factories.image(session, project, status="processing", file_path=None)
    name = name.format(other=new_id(), image=image.id)
    event: dict[str, Any] = {"bucket": "b", "name": name, "generation": 7, "size": 1}
    record(session, UploadFinalized(**event))
    assert (image.status, image.failure_reason) == ("processing", None)


@pytest.mark.parametrize(
    "message",
    [
        CrawlRequested(crawl_job_id=new_id()),
        ChunkReady(crawl_job_id=new_id(), chunk_id=new_id()),
        ValidationRequested(validation_job_id=new_id()),
        ExportRequested(export_job_id=new_id()),
        RelayDue(),
    ],
)
def test_what_is_gone_or_about_no_row(session: Session, project: Project, message: Message) -> None:
    assert record(session, message) == []


def test_a_reason_has_an_end(session: Session, project: Project) -> None:
    job = factories.crawl_job(session, project, status="running")
    record(session, CrawlRequested(crawl_job_id=job.id), "x" * 10_000)
    assert len(job.error or "") == 2000


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(operation, id=function.name)
        for function, operation in list_message_functions()
        if operation.tracked
    ],
)
def test_every_tracked_message_has_a_subject(operation: MessageOperation) -> None:
    assert find_subject(operation.message)
