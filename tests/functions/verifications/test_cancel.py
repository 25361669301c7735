"""Cancelling a verification."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import CrawlJob, VerificationChunk
from tests import factories
from tests.harness import Person, System, expect


def test_what_was_not_asked_yet_is_unreachable_until_a_retry(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 3, original_url="http://example.org/a.jpg")
    job = person.post(f"/v1/projects/{crawl.project_id}/verification-jobs", {}, 202)
    system.deliver(system.mailbox.take()[0])
    path = f"/v1/verification-jobs/{job['id']}"
    cancelled = person.post(f"{path}/cancel", status=202)
    assert (cancelled["status"], cancelled["total_images"]) == ("cancelled", 3)
    assert (cancelled["unreachable"], cancelled["progress"]) == (3, 0)
    assert {one["reason"] for one in person.get(f"{path}/results")["items"]} == {"cancelled"}
    system.drain()  # the chunk's message finds nothing to do
    assert session.scalars(select(VerificationChunk.status)).all() == ["cancelled"]
    assert person.get(path) == cancelled
    expect(person.request("POST", f"{path}/cancel", {}), 409)
    assert system.mailbox.topics().count("verification-job-completed") == 1
