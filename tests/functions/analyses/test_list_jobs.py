"""A crawl job's analysis jobs."""

from sqlalchemy.orm import Session

from shared.models import AnalysisJob, CrawlJob, Project
from tests import factories
from tests.harness import Person


def test_newest_first_of_one_crawl(
    session: Session, person: Person, project: Project, crawl: CrawlJob
) -> None:
    other = factories.crawl_job(session, project)
    rows = [
        AnalysisJob(crawl_job_id=crawl.id, analyzer="basic", status="completed"),
        AnalysisJob(crawl_job_id=other.id, analyzer="basic"),
        AnalysisJob(crawl_job_id=crawl.id, analyzer="basic"),
    ]
    session.add_all(rows)
    session.commit()
    page = person.get(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs?limit=1")
    assert [one["id"] for one in page["items"]] == [str(rows[2].id)]
    rest = person.get(
        f"/v1/crawl-jobs/{crawl.id}/analysis-jobs?limit=1&cursor={page['next_cursor']}"
    )
    assert [one["id"] for one in rest["items"]] == [str(rows[0].id)]
    assert rest["next_cursor"] is None
