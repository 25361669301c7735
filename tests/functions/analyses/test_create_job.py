"""Analysing a crawl job's images: each valid one once, and the job ends."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging.messages import WorkSettled
from shared.models import CrawlJob, Image, ImageAnalysis, Project
from tests import factories
from tests.harness import Person, System, expect, in_parallel


def start(person: Person, crawl: CrawlJob, status: int = 202, **body: Any) -> Any:
    path = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs"
    return expect(person.request("POST", path, {"analyzer": "basic", **body}), status)


def show(person: Person, job: Any) -> Any:
    return person.get(f"/v1/analysis-jobs/{job['id']}")


def test_every_valid_image_is_analysed(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    good = [factories.store_image(session, crawl) for _ in range(3)]
    factories.image(session, crawl, is_valid=False)
    factories.image(session, crawl, image_hash=None, is_duplicate=True, duplicate_of=good[0].id)
    factories.image(session, crawl, status="failed", is_valid=False)
    job = start(person, crawl)
    assert (job["status"], job["progress"], job["total_images"]) == ("pending", 0, 0)
    system.drain()
    done = show(person, job)
    assert (done["status"], done["progress"]) == ("completed", 100)
    assert (done["total_images"], done["analyzed_images"], done["failed_images"]) == (3, 3, 0)
    assert done["model_version"] == "basic-1"
    assert done["completed_at"] >= done["started_at"]
    made = person.get(f"/v1/analysis-jobs/{job['id']}/analyses")["items"]
    assert {one["image_id"] for one in made} == {str(image.id) for image in good}
    assert system.mailbox.topics().count("analysis-job-completed") == 1


def test_redelivery_and_concurrency_change_nothing(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    for _ in range(3):
        factories.store_image(session, crawl)
    job = start(person, crawl)
    system.drain_concurrently(copies=3)
    assert show(person, job)["analyzed_images"] == 3
    assert session.scalar(select(func.count()).select_from(ImageAnalysis)) == 3
    assert system.mailbox.topics().count("analysis-job-completed") == 1


def test_a_second_job_skips_what_is_there_unless_forced(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    start(person, crawl)
    system.drain()
    factories.store_image(session, crawl)
    second = start(person, crawl)
    system.drain()
    counts = show(person, second)
    assert (counts["total_images"], counts["analyzed_images"], counts["skipped_images"]) == (
        2,
        1,
        1,
    )
    third = start(person, crawl, force=True)
    system.drain()
    assert show(person, third)["analyzed_images"] == 2
    assert len(person.get(f"/v1/images/{image.id}/analyses")["items"]) == 2


def test_asked_for_many_times_at_once_one_job_works(
    system: System, person: Person, crawl: CrawlJob, image: Image
) -> None:
    path, body = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}
    jobs = in_parallel([lambda: person.post(path, body, 202) for _ in range(5)])
    assert len({job["id"] for job in jobs}) == 1
    assert len(person.get(path)["items"]) == 1


def test_the_job_ends_when_its_images_are_deleted_meanwhile(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    job = start(person, crawl)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    waiting = system.mailbox.take()
    assert [one.topic for one in waiting] == ["analyses-requested", "analysis-job-requested"]
    expect(person.request("DELETE", f"/v1/images/{image.id}"), 204)
    for envelope in waiting:
        system.deliver(envelope)
    system.drain()
    done = show(person, job)
    assert (done["status"], done["total_images"]) == ("completed", 0)


def test_a_job_of_which_all_fails_has_failed_and_says_why(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2)  # whose files are not in the bucket
    job = start(person, crawl)
    system.drain()
    failed = show(person, job)
    assert (failed["status"], failed["failed_images"]) == ("failed", 2)
    assert "2 times: The image's file is not in the bucket." in failed["error"]
    listed = person.get(f"/v1/analysis-jobs/{job['id']}/analyses?status=failed")["items"]
    assert {one["error_code"] for one in listed} == {"missing"}


def test_an_empty_crawl_has_nothing_to_analyse(
    system: System, person: Person, crawl: CrawlJob
) -> None:
    job = start(person, crawl)
    system.drain()
    assert show(person, job)["status"] == "completed"


def test_who_may_and_when(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    job = start(person, crawl)
    stranger = system.person()
    start(stranger, crawl, 404)
    for path in ("", "/analyses"):
        expect(stranger.request("GET", f"/v1/analysis-jobs/{job['id']}{path}"), 404)
    expect(stranger.request("POST", f"/v1/analysis-jobs/{job['id']}/cancel"), 404)
    expect(stranger.request("GET", f"/v1/crawl-jobs/{crawl.id}/analysis-jobs"), 404)
    start(person, crawl, 409, analyzer="gemini")
    crawl.status = "running"
    session.commit()
    start(person, crawl, 409)


def test_too_many_jobs_at_work(system: System, session: Session, person: Person) -> None:
    project = factories.project(session, person.id)
    crawls = [factories.crawl_job(session, project) for _ in range(11)]
    for crawl in crawls[:10]:
        start(person, crawl)
    start(person, crawls[10], 429)


@pytest.mark.parametrize("analyzers", [["basic"], ["basic", "gemini"]])
def test_a_crawl_starts_the_analyses_that_it_was_asked_for(
    system: System, session: Session, person: Person, crawl: CrawlJob, analyzers: list[str]
) -> None:
    crawl.status = "running"
    crawl.options = {"analyze": analyzers}
    session.commit()
    system.send(WorkSettled(crawl_job_id=crawl.id))
    system.drain()
    jobs = person.get(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs")["items"]
    states = {job["analyzer"]: job["status"] for job in jobs}
    assert states.pop("basic") == "completed"
    assert states == {name: "failed" for name in analyzers if name == "gemini"}
    for job in jobs:
        assert job["analyzer"] == "basic" or "not set up" in job["error"]


def test_what_a_crawl_found_in_the_project_already(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    """Originals are analysed in place of their duplicates, each once."""
    old, own = (factories.store_image(session, crawl) for _ in range(2))
    later = factories.crawl_job(session, session.get_one(Project, crawl.project_id))
    for _ in range(2):
        factories.image(
            session,
            later,
            sha256=old.sha256,
            image_hash=None,
            is_duplicate=True,
            duplicate_of=old.id,
        )
    new = factories.store_image(session, later)
    job = start(person, later)
    system.drain()
    done = show(person, job)
    assert (done["status"], done["total_images"], done["analyzed_images"]) == ("completed", 2, 2)
    made = person.get(f"/v1/analysis-jobs/{job['id']}/analyses")["items"]
    assert {one["image_id"] for one in made} == {str(old.id), str(new.id)}
    start(person, crawl)
    system.drain()
    analysed = session.scalars(select(ImageAnalysis.image_id)).all()
    assert sorted(analysed) == sorted([old.id, new.id, own.id])


def test_a_job_over_a_version(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    """Only what it holds of the crawl's images is analysed, and says for which version."""
    images = [factories.store_image(session, crawl) for _ in range(3)]
    project = session.get_one(Project, crawl.project_id)
    version = factories.version(session, project, *images[:2])
    job = start(person, crawl, version_id=str(version.id))
    assert job["version_id"] == str(version.id)
    start(person, crawl, 409)
    system.drain()
    assert show(person, job)["analyzed_images"] == 2
    made = person.get(f"/v1/analysis-jobs/{job['id']}/analyses")["items"]
    assert {(one["image_id"], one["version_id"]) for one in made} == {
        (str(image.id), str(version.id)) for image in images[:2]
    }
    assert start(person, crawl)["version_id"] is None


def test_versions_that_a_job_cannot_be_over(
    system: System, session: Session, person: Person, crawl: CrawlJob
) -> None:
    strangers = factories.version(session, factories.project(session, system.person().id))
    project = session.get_one(Project, crawl.project_id)
    waiting = factories.version(session, project, status="running")
    start(person, crawl, 404, version_id=str(strangers.id))
    problem = start(person, crawl, 422, version_id=str(waiting.id))
    detail = "the version is running: name one that is completed"
    assert problem["errors"] == [{"pointer": "/version_id", "detail": detail}]
