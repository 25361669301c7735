"""An analysis job shows how far it is."""

from sqlalchemy.orm import Session

from shared.analyses.work import BATCH
from shared.models import CrawlJob
from tests import factories
from tests.harness import Person, System, expect


def test_progress_between_batches(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, BATCH + 1)
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    first, second, planned = system.mailbox.take()
    system.deliver(first)
    shown = person.get(f"/v1/analysis-jobs/{job['id']}")
    assert (shown["status"], shown["failed_images"], shown["total_images"]) == (
        "running",
        BATCH,
        BATCH + 1,
    )
    assert shown["progress"] == 98
    system.deliver(second)
    assert person.get(f"/v1/analysis-jobs/{job['id']}")["progress"] == 99  # planning may go on
    system.deliver(planned)
    assert person.get(f"/v1/analysis-jobs/{job['id']}")["status"] == "failed"


def test_there_is_none(person: Person, crawl: CrawlJob) -> None:
    expect(person.request("GET", f"/v1/analysis-jobs/{crawl.id}"), 404)
