"""Asking for a validation."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.models import CrawlJob, ValidationJob
from tests import factories
from tests.harness import Person, System, expect

RULES = {"min_width": 200, "allowed_formats": ["JPG", "png"], "allow_animated": False}


def test_a_job_waits_for_its_worker(system: System, person: Person, crawl: CrawlJob) -> None:
    path = f"/v1/crawl-jobs/{crawl.id}/validation-jobs"
    job = person.post(path, {"name": "strict", "rules": RULES}, 202)
    assert job["crawl_job_id"] == str(crawl.id)
    assert (job["name"], job["status"], job["progress"]) == ("strict", "pending", 0)
    assert job["validation_rules"] == RULES | {"allowed_formats": ["jpeg", "png"]}
    assert system.mailbox.topics() == ["validation-requested"]
    assert person.get(f"/v1/validation-jobs/{job['id']}") == job


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "v"}, "/rules"),
        ({"rules": {}}, "/name"),
        ({"name": "v", "rules": {"min_widht": 5}}, "/rules/min_widht"),
        ({"name": "v", "rules": {"min_width": -1}}, "/rules/min_width"),
        ({"name": "v", "rules": {"min_width": "5"}}, "/rules/min_width"),
        ({"name": "v", "rules": {"min_width": 5, "max_width": 4}}, "/rules/min_width"),
        ({"name": "v", "rules": {"max_brightness": 1.5}}, "/rules/max_brightness"),
        ({"name": "v", "rules": {"near_duplicate_distance": 17}}, "/rules/near_duplicate_distance"),
        ({"name": "v", "rules": {"allowed_formats": []}}, "/rules/allowed_formats"),
    ],
)
def test_bad_input_is_named(
    person: Person, crawl: CrawlJob, body: dict[str, Any], pointer: str
) -> None:
    response = person.request("POST", f"/v1/crawl-jobs/{crawl.id}/validation-jobs", body)
    assert [error["pointer"] for error in expect(response, 422)["errors"]] == [pointer]


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_crawl_that_has_not_ended(person: Person, session: Session, status: str) -> None:
    crawl = factories.crawl_job(session, factories.project(session, person.id), status=status)
    path = f"/v1/crawl-jobs/{crawl.id}/validation-jobs"
    expect(person.request("POST", path, {"name": "v", "rules": {"min_width": 9}}), 409)


def test_no_more_than_ten_at_work(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    path, body = (
        f"/v1/crawl-jobs/{crawl.id}/validation-jobs",
        {"name": "v", "rules": {"min_width": 9}},
    )
    for _ in range(10):
        person.post(path, body, 202)
    response = person.request("POST", path, body)
    assert "10 validation jobs" in expect(response, 429)["detail"]
    assert int(response.headers["Retry-After"]) > 0
    other = system.person()
    theirs = factories.crawl_job(session, factories.project(session, other.id))
    other.post(f"/v1/crawl-jobs/{theirs.id}/validation-jobs", body, 202)
    session.execute(update(ValidationJob).values(status="failed"))
    session.commit()
    person.post(path, body, 202)
