"""The arrival of a manifest: once, and only where somebody waits for it."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import ExpiryDue, SweepDue
from shared.models import CrawlChunk, CrawlJob
from shared.models.base import new_id
from shared.services import services
from tests.functions.manifests.conftest import Upload
from tests.harness import Person, System

CSV = b"url\nhttp://127.0.0.1:9/1.jpg\n"


def make_old() -> None:
    with transaction(services().engine) as session:
        session.execute(update(CrawlJob).values(created_at="2026-01-01", updated_at="2026-01-01"))


@pytest.mark.parametrize("copies", [1, 3])
def test_an_event_that_comes_again_changes_nothing(
    system: System, person: Person, session: Session, upload: Upload, copies: int
) -> None:
    job_id = upload(CSV)
    system.drain(copies=copies)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    name = f"manifests/{job['project_id']}/{job_id}"
    system.uploaded(name)
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}") == job
    assert session.query(CrawlChunk).where(CrawlChunk.kind == "urls").count() == 1
    assert services().storage.find(name) is not None


def test_what_nobody_waits_for_is_removed(
    system: System, person: Person, project: str, upload: Upload
) -> None:
    job_id = upload(CSV)
    person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    name = f"manifests/{project}/{job_id}"
    stray = f"manifests/{project}/{new_id()}"
    services().storage.put_once(stray, CSV, "text/csv")
    system.uploaded(stray)
    system.drain()
    assert services().storage.find(name) is None
    assert services().storage.find(stray) is None
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "cancelled"


def test_a_manifest_that_never_came_fails_its_job(
    system: System, person: Person, project: str
) -> None:
    body = {"name": "Cats", "file_name": "cats.csv", "size": 10}
    job_id = person.post(f"/v1/projects/{project}/manifests", body)["crawl_job_id"]
    system.send(SweepDue())
    system.send(ExpiryDue())
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "pending"
    make_old()
    system.send(SweepDue())
    system.send(ExpiryDue())
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"]) == ("failed", "missing: the manifest was never sent")
    refused = person.post(f"/v1/crawl-jobs/{job_id}/retry", status=409)
    assert "never sent" in refused["detail"]


def test_a_manifest_whose_event_was_lost_is_found(
    system: System, person: Person, upload: Upload
) -> None:
    job_id = upload(CSV)
    system.mailbox.take()
    make_old()
    system.send(ExpiryDue())
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["failed_images"]) == ("completed", 1)


def test_a_project_takes_its_manifests_along(
    system: System, person: Person, project: str, upload: Upload
) -> None:
    job_id = upload(CSV)
    system.drain()
    name = f"manifests/{project}/{job_id}"
    assert services().storage.find(name) is not None
    assert person.request("DELETE", f"/v1/projects/{project}").status_code == 204
    system.drain()
    assert services().storage.find(name) is None
