"""Removing what is left of deleted crawl jobs, step by step."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.crawls import account_removal, removal
from shared.messaging.messages import ExpiryDue, RemovalRequested
from shared.models import (
    ActivityLog,
    CrawlChunk,
    CrawlJob,
    ExportJob,
    FetchFailure,
    FoundAddress,
    Image,
    Model,
    Prediction,
    PredictionCount,
    Profile,
    Project,
    RightsRecord,
    StorageCount,
    VerificationJob,
    VerificationResult,
)
from shared.models.base import new_id
from shared.services import services
from tests import factories
from tests.harness import PASSWORD, Person, System, expect
from tests.sites import Site, crawl, photo, project, site, start

__all__ = ["crawl", "project", "site", "start"]

Crawl = Callable[..., Any]
OF_ACCOUNTS = (Project, CrawlJob, Image, Model, Prediction, PredictionCount, StorageCount)


def count(session: Session, table: Any) -> int:
    """Return how many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_large_job_goes_in_steps(
    site: Site,
    crawl: Crawl,
    person: Person,
    system: System,
    session: Session,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "IMAGES", 2)
    monkeypatch.setattr(removal, "ROWS", 2)
    urls = site.photos(5)
    missing = [f"{site.base_url}/{number}.jpg" for number in range(5)]
    job = crawl([*urls, urls[0], *missing], chunk_size=2)
    later = crawl(urls[:1])
    expect(person.request("DELETE", f"/v1/crawl-jobs/{job['id']}"), 204)
    expect(person.request("GET", f"/v1/crawl-jobs/{job['id']}"), 404)
    listed = person.get(f"/v1/projects/{project}")
    assert (listed["crawl_job_count"], len(listed["crawl_jobs"])) == (1, 1)
    assert count(session, Image) == 5
    system.drain(copies=2)
    assert session.scalars(select(CrawlJob.id)).all() == [session.get_one(CrawlJob, later["id"]).id]
    image = session.scalars(select(Image)).one()
    assert (str(image.crawl_job_id), image.is_duplicate) == (later["id"], False)
    assert count(session, FetchFailure) == 0
    storage = services().storage
    assert len(storage.list_names(f"images/{project}/")) == 1
    assert len(storage.list_names(f"variants/{project}/")) == 1
    assert system.mailbox.topics().count("removal-requested") > 4


def test_a_removal_that_was_given_up_goes_on(
    site: Site, crawl: Crawl, system: System, session: Session
) -> None:
    crawl(site.photos(2))
    session.execute(update(CrawlJob).values(deleted_at=func.now() - func.make_interval(0, 0, 0, 1)))
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    assert count(session, CrawlJob) == count(session, Image) == 0


def test_a_large_project_goes_in_steps(
    site: Site,
    crawl: Crawl,
    person: Person,
    system: System,
    session: Session,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "ROWS", 2)
    urls = site.photos(5)
    job = crawl([*urls, *urls[:2], f"{site.base_url}/missing.jpg"], chunk_size=2)
    person.post(f"/v1/projects/{project}/export-jobs", {"name": "e", "format": "zip"}, 202)
    system.drain()
    (export,) = person.get("/v1/export-jobs")["items"]
    image = person.get(f"/v1/projects/{project}/images")["items"][0]
    expect(person.request("DELETE", f"/v1/projects/{project}"), 204)
    assert count(session, Image) == 5
    for path in (
        f"projects/{project}",
        f"projects/{project}/images",
        f"images/{image['id']}",
        f"images/{image['id']}/content",
        f"crawl-jobs/{job['id']}",
        f"export-jobs/{export['id']}",
    ):
        expect(person.request("GET", f"/v1/{path}"), 404)
    assert person.get("/v1/projects")["items"] == []
    body = {"name": "x", "source": {"type": "urls", "urls": urls}}
    person.post(f"/v1/projects/{project}/crawl-jobs", body, 404)
    system.drain(copies=2)
    assert set(system.statuses) == {204}
    for table in (Project, CrawlJob, CrawlChunk, FetchFailure, Image, ExportJob):
        assert count(session, table) == 0
    storage = services().storage
    assert not [one for one in storage.list_names("") if project in one or export["id"] in one]


def test_what_is_at_work_for_a_deleted_project_leaves_nothing(
    site: Site,
    start: Callable[..., str],
    crawl: Crawl,
    person: Person,
    system: System,
    session: Session,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "ROWS", 2)
    crawl(site.photos(5))
    gate = threading.Event()
    start([site.put("/slow.jpg", photo(7), gate=gate), *site.photos(3, first=8)])
    for requested in system.mailbox.take():
        system.deliver(requested)
    (ready,) = [one for one in system.mailbox.take() if one.topic == "chunk-ready"]
    worker = threading.Thread(target=system.deliver, args=(ready,))
    worker.start()
    site.wait_for("/slow.jpg")
    expect(person.request("DELETE", f"/v1/projects/{project}"), 204)
    gate.set()
    worker.join(60)
    assert count(session, Image) == 3
    system.drain()
    assert count(session, Image) == count(session, Project) == 0
    assert set(system.statuses) == {204}
    assert not [one for one in services().storage.list_names("") if project in one]


def fill_account(system: System, person: Person, session: Session, projects: int) -> None:
    """Give an account projects with images, predictions, activity and sums over them."""
    for _ in range(projects):
        crawl_job = factories.crawl_job(session, factories.project(session, person.id))
        for _ in range(3):
            factories.store_image(session, crawl_job)
        person.post("/v1/projects", {"name": "empty"})
    model = Model(user_id=person.id, name="m", model_type="onnx", file_path="f")
    session.add(model)
    session.flush()
    about = {"model_id": model.id, "user_id": person.id, "input_data": {}}
    session.add_all(Prediction(**about, inference_time_ms=2**number) for number in range(5))
    session.commit()
    system.drain()


def test_a_large_account_goes_in_steps(
    person: Person, system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = system.person()
    fill_account(system, other, session, 1)
    kept = {table: count(session, table) for table in OF_ACCOUNTS}
    fill_account(system, person, session, 3)
    monkeypatch.setattr(removal, "ROWS", 2)
    monkeypatch.setattr(account_removal, "PROJECTS", 2)
    expect(person.delete_account(), 204)
    session.rollback()
    assert count(session, Image) == 3 + 9
    registered = {"email": person.email, "password": PASSWORD}
    expect(system.client.post("/v1/users", json=registered), 201)
    system.drain(copies=2)
    assert set(system.statuses) == {204}
    session.rollback()
    assert {table: count(session, table) for table in OF_ACCOUNTS} == kept
    assert session.get(Profile, person.id) is None
    assert count(session, Profile) == 2
    owners = set(session.scalars(select(ActivityLog.user_id)))
    assert person.id not in owners
    assert None in owners
    assert system.mailbox.topics().count("removal-requested") > 10


def test_an_account_whose_removal_was_given_up_goes(
    person: Person, system: System, session: Session
) -> None:
    fill_account(system, person, session, 1)
    expect(person.delete_account(), 204)
    system.mailbox.take()
    session.execute(update(Profile).values(deleted_at=func.now() - func.make_interval(0, 0, 0, 1)))
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    assert count(session, Profile) == count(session, Image) == 0


def test_an_account_that_was_not_deleted_stays(
    person: Person, system: System, session: Session
) -> None:
    fill_account(system, person, session, 1)
    system.send(RemovalRequested(user_id=person.id))
    system.drain()
    assert count(session, Image) == 3
    assert person.get("/v1/me")["email"] == person.email


def test_a_project_whose_removal_was_given_up_goes(
    site: Site, crawl: Crawl, system: System, session: Session
) -> None:
    crawl(site.photos(2))
    session.execute(update(Project).values(deleted_at=func.now() - func.make_interval(0, 0, 0, 1)))
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    assert count(session, Project) == count(session, Image) == 0


def test_what_was_not_deleted_stays(
    site: Site, crawl: Crawl, system: System, session: Session, project: str
) -> None:
    job = crawl(site.photos(1))
    for job_id in (job["id"], new_id(), None):
        body = {"project_id": project, "crawl_job_id": job_id}
        system.send(RemovalRequested.model_validate(body))
    system.drain()
    assert set(system.statuses) == {204}
    assert count(session, CrawlJob) == count(session, Image) == 1


@pytest.mark.parametrize("whole", [False, True], ids=["crawl job", "project"])
def test_what_a_search_has_found_goes_in_steps(
    person: Person,
    system: System,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    whole: bool,
) -> None:
    monkeypatch.setattr(removal, "ROWS", 2)
    of = factories.project(session, person.id)
    source = {"type": "keywords", "keywords": ["cat"]}
    job = factories.crawl_job(session, of, source=source)
    session.add_all(FoundAddress(crawl_job_id=job.id, digest=bytes([n])) for n in range(5))
    session.commit()
    path = f"/v1/projects/{of.id}" if whole else f"/v1/crawl-jobs/{job.id}"
    expect(person.request("DELETE", path), 204)
    expect(person.request("GET", path), 404)
    assert count(session, FoundAddress) == 5
    steps = 0
    while waiting := [one for one in system.mailbox.take() if one.topic == "removal-requested"]:
        for one in waiting:
            assert system.deliver(one) == [204]
        steps += 1
    assert steps >= 3
    assert (count(session, FoundAddress), count(session, CrawlJob)) == (0, 0)


def test_verifications_go_in_steps_and_expire(
    site: Site,
    crawl: Crawl,
    person: Person,
    system: System,
    session: Session,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crawl(site.photos(5))
    jobs = [
        person.post(f"/v1/projects/{project}/verification-jobs", {}, 202)["id"] for _ in range(2)
    ]
    path = f"/v1/verification-jobs/{jobs[0]}"
    assert "cancel it first" in person.request("DELETE", path).text
    system.drain()
    monkeypatch.setattr(removal, "ROWS", 2)
    expect(person.request("DELETE", path), 204)
    expect(person.request("GET", path), 404)
    assert len(person.get(f"/v1/projects/{project}/verification-jobs")["items"]) == 1
    assert count(session, VerificationResult) == 8
    system.drain()
    assert (count(session, VerificationResult), count(session, VerificationJob)) == (5, 1)
    assert count(session, RightsRecord) > 0
    old = func.now() - func.make_interval(0, 0, 0, 366)
    session.execute(update(VerificationJob).values(created_at=old))
    session.commit()
    system.send(ExpiryDue())
    system.drain()
    assert (count(session, VerificationResult), count(session, VerificationJob)) == (0, 0)
