"""The upload of a manifest: an address to send it to, and a crawl job that waits."""

from __future__ import annotations

import requests
from sqlalchemy.orm import Session

from shared.models import CrawlJob
from shared.services import services
from tests.functions.manifests.conftest import Upload
from tests.harness import Person, System
from tests.sites import Site


def test_the_arrival_of_a_manifest_starts_its_crawl(
    site: Site, system: System, person: Person, upload: Upload
) -> None:
    table = "".join(f"{url},cat\n" for url in site.photos(3))
    job_id = upload(f"Image,Kind\n{table}".encode(), columns={"url": "Image", "label": "Kind"})
    waiting = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (waiting["status"], waiting["total_images"]) == ("pending", 0)
    assert waiting["source"]["file_name"] == "images.csv"
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["error"]) == ("completed", None)
    assert (job["total_images"], job["downloaded_images"]) == (3, 3)
    project = job["project_id"]
    bucket = services().settings.bucket
    assert job["source"]["uri"] == f"gs://{bucket}/manifests/{project}/{job_id}"
    images = person.get(f"/v1/projects/{project}/images")["items"]
    assert {image["label"] for image in images} == {"cat"}


def test_a_column_of_a_usual_name_may_be_none(
    site: Site, system: System, person: Person, upload: Upload
) -> None:
    (url,) = site.photos(1)
    job_id = upload(f"url,class\n{url},cat\n".encode(), columns={"label": None})
    system.drain()
    project = person.get(f"/v1/crawl-jobs/{job_id}")["project_id"]
    (image,) = person.get(f"/v1/projects/{project}/images")["items"]
    assert (image["label"], image["metadata"]) == (None, {"class": "cat"})


def test_another_size_is_not_taken(person: Person, project: str) -> None:
    body = {"name": "Cats", "file_name": "cats.csv", "size": 10}
    made = person.post(f"/v1/projects/{project}/manifests", body)
    assert made["method"] == "PUT"
    answer = requests.put(made["upload_url"], data=b"x" * 11, headers=made["headers"], timeout=10)
    assert answer.status_code == 400


def test_what_is_refused(person: Person, system: System, project: str) -> None:
    path = f"/v1/projects/{project}/manifests"
    body = {"name": "Cats", "file_name": "cats.csv", "size": 2**30 + 1}
    assert person.post(path, body, 422)["errors"][0]["pointer"] == "/size"
    body = {"name": "Cats", "file_name": "cats.csv", "size": 1, "columns": {"title": "x"}}
    assert person.post(path, body, 422)["errors"][0]["pointer"] == "/columns/title"
    system.person().post(path, {"name": "Cats", "file_name": "cats.csv", "size": 1}, 404)


def test_waiting_uploads_count_as_crawl_jobs_at_work(
    person: Person, project: str, session: Session
) -> None:
    body = {"name": "Cats", "file_name": "cats.csv", "size": 1}
    path = f"/v1/projects/{project}/manifests"
    while (answer := person.request("POST", path, body)).status_code == 201:
        assert session.query(CrawlJob).count() < 100
    assert answer.status_code == 429
