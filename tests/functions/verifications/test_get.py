"""Showing a verification."""

from sqlalchemy.orm import Session

from shared.models import VerificationJob
from tests.functions.verifications.conftest import Add
from tests.harness import Person


def test_all_that_the_contract_names(person: Person, job: VerificationJob) -> None:
    shown = person.get(f"/v1/verification-jobs/{job.id}")
    fields = """id project_id name filter max_distance rights respect_robots status progress
        total_images same_bytes same_picture different_picture gone opted_out unreachable
        without_origin error created_at updated_at started_at completed_at"""
    assert set(shown) == set(fields.split())


def test_a_job_at_work_shows_what_it_has_reached(
    person: Person, session: Session, job: VerificationJob, add: Add
) -> None:
    add("gone", 1)
    add("same_bytes", 2)
    add(None, 3)
    assert person.get(f"/v1/verification-jobs/{job.id}")["total_images"] == 0  # as it ended
    job.status = "running"
    session.commit()
    shown = person.get(f"/v1/verification-jobs/{job.id}")
    assert (shown["total_images"], shown["gone"], shown["same_bytes"]) == (6, 1, 2)
    assert shown["progress"] == 50
