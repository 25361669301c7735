"""Asking for a verification."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.models import ActivityLog, CrawlJob, VerificationJob
from tests import factories
from tests.harness import Person, System, expect


def test_a_job_waits_for_its_worker(system: System, person: Person, crawl: CrawlJob) -> None:
    path = f"/v1/projects/{crawl.project_id}/verification-jobs"
    body = {"name": "spring", "max_distance": 6, "filter": {"label": "cat", "rejected": False}}
    job = person.post(path, body, 202)
    assert job["project_id"] == str(crawl.project_id)
    assert {name: job[name] for name in body} == body
    assert (job["rights"], job["respect_robots"]) == (None, None)
    assert (job["status"], job["progress"], job["total_images"]) == ("pending", 0, 0)
    assert system.mailbox.topics() == ["verification-requested"]
    assert person.get(f"/v1/verification-jobs/{job['id']}") == job


def test_an_empty_body_is_enough(person: Person, session: Session, crawl: CrawlJob) -> None:
    path = f"/v1/projects/{crawl.project_id}/verification-jobs"
    job = person.post(path, {}, 202)
    assert (job["filter"], job["max_distance"]) == ({}, 4)
    activity = session.query(ActivityLog).filter_by(resource_type="verification_job").one()
    assert (activity.action, activity.resource_id) == ("verification_job.create", job["id"])
    crawl.options = {"dedup": "perceptual", "max_distance": 9}
    session.commit()
    assert person.post(path, {}, 202)["max_distance"] == 9  # as the project's near duplicates


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"max_distance": 17}, "/max_distance"),
        ({"filter": {}}, "/filter"),
        ({"filter": {"lable": "cat"}}, "/filter/lable"),
        ({"rights": "forget"}, "/rights"),
        ({"every": "1d"}, "/every"),
    ],
)
def test_bad_input_is_named(
    person: Person, crawl: CrawlJob, body: dict[str, Any], pointer: str
) -> None:
    response = person.request("POST", f"/v1/projects/{crawl.project_id}/verification-jobs", body)
    assert [error["pointer"] for error in expect(response, 422)["errors"]] == [pointer]


def test_a_request_that_is_repeated_starts_one_job(
    system: System, person: Person, crawl: CrawlJob
) -> None:
    path, key = f"/v1/projects/{crawl.project_id}/verification-jobs", {"Idempotency-Key": "once"}
    first = person.post(path, {}, 202, headers=key)
    assert person.post(path, {}, 202, headers=key)["id"] == first["id"]
    assert system.mailbox.topics() == ["verification-requested"]


def test_no_more_than_ten_at_work(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    path = f"/v1/projects/{crawl.project_id}/verification-jobs"
    for _ in range(10):
        person.post(path, {}, 202)
    response = person.request("POST", path, {})
    assert "10 verification jobs" in expect(response, 429)["detail"]
    assert int(response.headers["Retry-After"]) > 0
    other = system.person()
    theirs = factories.project(session, other.id)
    other.post(f"/v1/projects/{theirs.id}/verification-jobs", {}, 202)
    session.execute(update(VerificationJob).values(status="failed"))
    session.commit()
    person.post(path, {}, 202)
