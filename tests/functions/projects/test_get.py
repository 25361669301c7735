"""Showing one project."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.models import CrawlJob
from tests import factories
from tests.harness import Person


def test_its_latest_crawl_jobs(person: Person, session: Session) -> None:
    project = factories.project(session, person.id)
    rows = [{"project_id": project.id, "name": str(number)} for number in range(51)]
    session.execute(insert(CrawlJob), rows)
    session.commit()
    factories.crawl_job(session, factories.project(session, person.id), name="elsewhere")
    shown = person.get(f"/v1/projects/{project.id}")
    names = [job["name"] for job in shown["crawl_jobs"]]
    assert names == [str(number) for number in reversed(range(1, 51))]
    assert shown["crawl_job_count"] == 51


def test_a_job_at_work_shows_what_it_has_reached(person: Person, session: Session) -> None:
    job = factories.crawl_job(
        session, factories.project(session, person.id), status="running", progress=0
    )
    factories.chunk(session, job, status="completed", url_count=3, downloaded=2, failed=1)
    factories.chunk(session, job, position=1, url_count=1)
    (shown,) = person.get(f"/v1/projects/{job.project_id}")["crawl_jobs"]
    assert (shown["total_images"], shown["downloaded_images"], shown["progress"]) == (4, 2, 75)
