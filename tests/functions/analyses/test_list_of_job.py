"""The list of a job's analyses: findings, and images that could not be analysed."""

from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image
from tests import factories
from tests.harness import Person, System


def test_by_status(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    missing = factories.image(session, crawl)
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}, 202)
    system.drain()
    path = f"/v1/analysis-jobs/{job['id']}/analyses"
    assert len(person.get(path)["items"]) == 2
    [failed] = person.get(f"{path}?status=failed")["items"]
    [completed] = person.get(f"{path}?status=completed")["items"]
    assert (failed["image_id"], completed["image_id"]) == (str(missing.id), str(image.id))
    assert completed["analysis_job_id"] == job["id"]
    shown = person.get(f"/v1/analysis-jobs/{job['id']}")
    assert (shown["status"], shown["analyzed_images"], shown["failed_images"]) == (
        "completed",
        1,
        1,
    )
