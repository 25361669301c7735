"""Listing one's exports."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ExportJob
from shared.models.base import new_id
from tests import factories
from tests.harness import Person, System, expect

STATES = ["completed", "failed", "running", "completed", "pending"]


@pytest.fixture(autouse=True)
def jobs(person: Person, session: Session) -> None:
    """An export in each state, in two projects."""
    projects = [factories.project(session, person.id) for _ in range(2)]
    for number, status in enumerate(STATES):
        session.add(
            ExportJob(
                project_id=projects[number % 2].id,
                user_id=person.id,
                name=str(number),
                status=status,
                object="exports/x" if status == "completed" else None,
            )
        )
        session.flush()
    session.commit()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["4", "3", "2", "1", "0"]),
        ("status=completed", ["3", "0"]),
        ("status=failed", ["1"]),
        ("status=cancelled", []),
    ],
)
def test_filter_by_status(person: Person, query: str, names: list[str]) -> None:
    shown = person.get(f"/v1/export-jobs?{query}")["items"]
    assert [job["name"] for job in shown] == names
    assert {job["download_url"] for job in shown} <= {None}


def test_pages(system: System, person: Person) -> None:
    names, cursor = [], ""
    while cursor is not None:
        page = person.get(f"/v1/export-jobs?limit=2&cursor={cursor}")
        names += [job["name"] for job in page["items"]]
        cursor = page["next_cursor"]
    assert names == ["4", "3", "2", "1", "0"]
    assert system.person().get("/v1/export-jobs")["items"] == []


@pytest.mark.parametrize("query", ["status=done", "limit=0", "limit=201", "format=zip"])
def test_bad_filters(person: Person, query: str) -> None:
    expect(person.request("GET", f"/v1/export-jobs?{query}"), 422)


def test_a_list_names_few_failures(person: Person, session: Session) -> None:
    job = session.scalars(select(ExportJob).where(ExportJob.status == "failed")).one()
    failure = {"url": "http://example.com/a.jpg", "reason": "missing", "detail": "gone"}
    job.failures = [{"image_id": str(new_id()), **failure} for _ in range(100)]
    job.failed_images = 250
    session.commit()
    (listed,) = person.get("/v1/export-jobs?status=failed")["items"]
    assert listed["failures"] == job.failures[:10]
    shown = person.get(f"/v1/export-jobs/{job.id}")
    assert (shown["failures"], shown["failed_images"]) == (job.failures, 250)
