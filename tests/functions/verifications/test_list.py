"""Listing a project's verifications."""

from sqlalchemy.orm import Session

from shared.models import CrawlJob, VerificationJob
from tests import factories
from tests.harness import Person


def test_newest_first_page_by_page(person: Person, session: Session, crawl: CrawlJob) -> None:
    elsewhere = factories.project(session, person.id).id
    for project_id, name in (
        (crawl.project_id, "a"),
        (elsewhere, "x"),
        (crawl.project_id, "b"),
        (crawl.project_id, "c"),
    ):
        session.add(VerificationJob(project_id=project_id, name=name, max_distance=4))
        session.flush()
    session.commit()
    path = f"/v1/projects/{crawl.project_id}/verification-jobs?limit=2"
    first = person.get(path)
    assert [job["name"] for job in first["items"]] == ["c", "b"]
    last = person.get(f"{path}&cursor={first['next_cursor']}")
    assert [job["name"] for job in last["items"]] == ["a"]
    assert last["next_cursor"] is None
