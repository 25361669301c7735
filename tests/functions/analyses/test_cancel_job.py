"""Stopping an analysis job."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, ImageAnalysis
from tests.harness import Person, System, expect


def test_what_waits_is_dropped_and_later_messages_do_nothing(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    cancelled = person.post(f"/v1/analysis-jobs/{job['id']}/cancel", status=202)
    assert cancelled["status"] == "cancelled"
    assert cancelled["completed_at"]
    system.drain()
    assert session.scalars(select(ImageAnalysis)).all() == []
    assert person.get(f"/v1/analysis-jobs/{job['id']}") == cancelled
    assert system.mailbox.topics().count("analysis-job-completed") == 1
    expect(person.request("POST", f"/v1/analysis-jobs/{job['id']}/cancel"), 409)


def test_another_job_may_follow(
    system: System, person: Person, crawl: CrawlJob, image: Image
) -> None:
    path, body = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}
    first = person.post(path, body, 202)
    person.post(f"/v1/analysis-jobs/{first['id']}/cancel", status=202)
    second = person.post(path, body, 202)
    assert second["id"] != first["id"]
    system.drain()
    assert person.get(f"/v1/analysis-jobs/{second['id']}")["analyzed_images"] == 1
