"""Deleting verification jobs with their results."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.crawls import removal
from shared.models import CrawlJob, VerificationJob, VerificationResult
from tests.functions.verifications.conftest import Add
from tests.harness import Person, System, expect


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_it_is_gone_at_once_and_its_results_go_in_steps(
    job: VerificationJob,
    crawl: CrawlJob,
    add: Add,
    person: Person,
    system: System,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "ROWS", 2)
    add("same_bytes", 5)
    path = f"/v1/verification-jobs/{job.id}"
    expect(system.person().request("DELETE", path), 404)
    expect(person.request("DELETE", path), 204)
    for rest in ("", "/results", "/report"):
        expect(person.request("GET", path + rest), 404)
    assert person.get(f"/v1/projects/{crawl.project_id}/verification-jobs")["items"] == []
    assert count(session, VerificationResult) == 3
    system.drain()
    assert (count(session, VerificationResult), count(session, VerificationJob)) == (0, 0)


def test_one_at_work_is_to_be_cancelled_first(
    job: VerificationJob, person: Person, session: Session
) -> None:
    session.execute(update(VerificationJob).values(status="running"))
    session.commit()
    path = f"/v1/verification-jobs/{job.id}"
    assert "cancel it first" in person.request("DELETE", path).text
    person.post(f"{path}/cancel", status=202)
    expect(person.request("DELETE", path), 204)
