"""Asking for an export of a whole project."""

from sqlalchemy.orm import Session

from tests import factories
from tests.harness import Person


def test_it_belongs_to_no_crawl_job(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    body = {"name": "all", "format": "parquet"}
    job = person.post(f"/v1/projects/{project.id}/export-jobs", body, 202)
    assert (job["crawl_job_id"], job["project_id"]) == (None, str(project.id))
    assert (job["name"], job["format"]) == ("all", "parquet")


def test_an_archived_project_can_still_be_exported(person: Person, session: Session) -> None:
    project = factories.project(session, person.id, status="archived")
    body = {"name": "all", "format": "csv"}
    person.post(f"/v1/projects/{project.id}/export-jobs", body, 202)
