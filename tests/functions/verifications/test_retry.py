"""Asking again for what could not be reached."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import CrawlJob, VerificationChunk, VerificationJob, VerificationResult
from tests import factories
from tests.functions.verifications.conftest import Add
from tests.harness import Person, System, expect


def test_only_what_was_unreachable_is_asked_again(
    system: System, person: Person, session: Session, job: VerificationJob, add: Add
) -> None:
    add("same_bytes", 2)
    add("unreachable", 3, reason="timeout", detail="slow", http_status=500, distance=3)
    add("unreachable", 1, reason="killed_its_worker")
    running = person.post(f"/v1/verification-jobs/{job.id}/retry", status=202)
    assert (running["status"], running["total_images"]) == ("running", 6)
    assert (running["same_bytes"], running["unreachable"]) == (2, 1)
    assert running["completed_at"] is None
    (chunk,) = session.scalars(select(VerificationChunk))
    waiting = session.scalars(
        select(VerificationResult).where(VerificationResult.chunk_id == chunk.id)
    ).all()
    nothing = [(one.outcome, one.reason, one.http_status, one.distance) for one in waiting]
    assert nothing == [(None,) * 4] * 3
    assert system.mailbox.topics() == ["verification-chunk-ready"]
    expect(person.request("POST", f"/v1/verification-jobs/{job.id}/retry", {}), 409)


def test_nothing_to_retry(person: Person, job: VerificationJob, add: Add) -> None:
    add("gone", 1)
    answer = person.request("POST", f"/v1/verification-jobs/{job.id}/retry", {})
    assert "nothing to retry" in expect(answer, 409)["detail"]
    assert person.get(f"/v1/verification-jobs/{job.id}")["status"] == "completed"


def test_a_job_that_was_cancelled_while_it_was_planned_is_planned_on(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2, original_url="http://example.org/a.jpg")
    job = person.post(f"/v1/projects/{crawl.project_id}/verification-jobs", {}, 202)
    path = f"/v1/verification-jobs/{job['id']}"
    assert person.post(f"{path}/cancel", status=202)["total_images"] == 0
    assert person.post(f"{path}/retry", status=202)["status"] == "pending"
    (*_, requested) = system.mailbox.take()
    system.deliver(requested)
    assert person.get(path)["total_images"] == 2
    assert session.scalar(select(func.count()).select_from(VerificationResult)) == 2
