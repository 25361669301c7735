"""Showing a validation."""

from sqlalchemy.orm import Session

from shared.models import CrawlJob, ValidationJob
from tests.harness import Person


def test_all_that_the_contract_names(person: Person, session: Session, crawl: CrawlJob) -> None:
    job = ValidationJob(crawl_job_id=crawl.id, name="v", status="failed", error="It broke.")
    session.add(job)
    session.commit()
    shown = person.get(f"/v1/validation-jobs/{job.id}")
    assert (shown["status"], shown["error"]) == ("failed", "It broke.")
    fields = """id crawl_job_id name status progress total_images validated_images invalid_images
        duplicate_images invalid_duplicates
        validation_rules error created_at updated_at"""
    assert set(shown) == set(fields.split())
