"""Asking for an export of a crawl job."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.models import CrawlJob, ExportJob
from tests import factories
from tests.harness import Person, System, expect


@pytest.fixture
def crawl(person: Person, session: Session) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


def test_a_job_waits_for_its_worker(system: System, person: Person, crawl: CrawlJob) -> None:
    options = {"splits": {"train": 0.8, "test": 0.2}, "layout": "coco", "include_invalid": True}
    body = {"name": "e", "format": "zip", "options": options}
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/export-jobs", body, 202)
    assert (job["crawl_job_id"], job["project_id"]) == (str(crawl.id), str(crawl.project_id))
    assert (job["user_id"], job["status"], job["progress"]) == (str(person.id), "pending", 0)
    assert (job["download_url"], job["expires_at"], job["sha256"]) == (None, None, None)
    assert options.items() <= job["export_options"].items()
    assert job["export_options"]["include_metadata"] is True
    assert system.mailbox.topics() == ["export-requested"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"format": "rar"}, "/format"),
        ({"options": {"layout": "voc"}}, "/options/layout"),
        ({"options": {"layout": "webdataset"}}, "/options/layout"),
        ({"options": {"splits": {"train": 0.8}}}, "/options/splits"),
        ({"options": {"splits": {}}}, "/options/splits"),
        ({"options": {"splits": {"../x": 1.0}}}, "/options/splits/..~1x"),
        ({"options": {"splits": {"train": -1, "test": 2}}}, "/options/splits/train"),
        ({"options": {"variant": "a/b"}}, "/options/variant"),
        ({"options": {"include_all": True}}, "/options/include_all"),
    ],
)
def test_bad_input_is_named(
    person: Person, crawl: CrawlJob, changed: dict[str, Any], pointer: str
) -> None:
    body = {"name": "e", "format": "zip"} | changed
    problem = expect(person.request("POST", f"/v1/crawl-jobs/{crawl.id}/export-jobs", body), 422)
    assert pointer in {error["pointer"] for error in problem["errors"]}


def test_no_more_than_ten_at_work(person: Person, session: Session, crawl: CrawlJob) -> None:
    path, body = f"/v1/crawl-jobs/{crawl.id}/export-jobs", {"name": "e", "format": "csv"}
    for _ in range(10):
        person.post(path, body, 202)
    response = person.request("POST", path, body)
    assert "10 export jobs" in expect(response, 429)["detail"]
    assert int(response.headers["Retry-After"]) > 0
    expect(person.request("POST", f"/v1/projects/{crawl.project_id}/export-jobs", body), 429)
    session.execute(update(ExportJob).values(status="completed"))
    session.commit()
    person.post(path, body, 202)
