"""Listing a crawl job's validations."""

from sqlalchemy.orm import Session

from shared.models import CrawlJob, ValidationJob
from tests import factories
from tests.harness import Person


def test_newest_first_page_by_page(person: Person, session: Session, crawl: CrawlJob) -> None:
    elsewhere = factories.crawl_job(session, factories.project(session, person.id))
    for job, name in ((crawl, "a"), (elsewhere, "x"), (crawl, "b"), (crawl, "c")):
        session.add(ValidationJob(crawl_job_id=job.id, name=name))
        session.flush()
    session.commit()
    path = f"/v1/crawl-jobs/{crawl.id}/validation-jobs"
    first = person.get(f"{path}?limit=2")
    session.add(ValidationJob(crawl_job_id=crawl.id, name="added meanwhile"))
    session.commit()
    second = person.get(f"{path}?limit=2&cursor={first['next_cursor']}")
    assert [job["name"] for page in (first, second) for job in page["items"]] == ["c", "b", "a"]
    assert second["next_cursor"] is None
