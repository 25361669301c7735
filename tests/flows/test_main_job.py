"""The main job through the public API: register, crawl, upload, validate, export."""

import io
import json
import zipfile
from typing import Any

import requests

from tests.sites import Site, photo
from tests.stacks import RunningStack, await_job

RULES = {"min_width": 100, "max_uniformity": 0.99}


def source(site: Site) -> dict[str, Any]:
    urls: list[Any] = list(site.photos(12))
    urls.append(site.put("/copy.jpg", photo(0)))
    urls.append(site.put("/truncated.jpg", photo(1)[:900]))
    urls.append(site.put("/page.jpg", b"<html>not a picture</html>"))
    urls.append(site.base_url + "/missing.jpg")
    urls.append("http://169.254.169.254/latest/meta-data/")
    urls.append(
        {
            "url": site.put("/labelled.png", photo(40, "png"), "image/png"),
            "label": "=SUM(1)",
            "license": "CC0",
        }
    )
    return {"type": "urls", "urls": urls}


def test_from_addresses_to_a_dataset(stack: RunningStack, photo_site: Site) -> None:
    client = stack.client()
    project = client.post("/v1/projects", {"name": "Flow"})["id"]
    options = {"chunk_size": 4, "validate": RULES}
    body = {"name": "all", "source": source(photo_site), "options": options}
    job_id = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert job["status"] == "completed"
    assert job["progress"] == 100
    counts = [job[f"{kind}_images"] for kind in ("downloaded", "duplicate", "failed", "total")]
    assert counts == [13, 1, 4, 18]
    assert (job["total_chunks"], job["completed_chunks"], job["active_chunks"]) == (5, 5, 0)

    report = client.get(f"/v1/crawl-jobs/{job_id}/report")
    assert report["failure_reasons"] == {
        "http_404": 1,
        "blocked_address": 1,
        "not_an_image": 1,
        "truncated": 1,
    }

    (validation,) = client.list_all(f"/v1/crawl-jobs/{job_id}/validation-jobs")
    validation = await_job(client, f"/v1/validation-jobs/{validation['id']}")
    assert (validation["validated_images"], validation["duplicate_images"]) == (13, 1)

    image_id = client.upload(project, "mine.jpg", photo(60))
    assert client.get_content(image_id, "thumbnail")[8:12] == b"WEBP"

    body = {"name": "Everything", "format": "zip", "options": {"include_invalid": True}}
    export_id = client.post(f"/v1/projects/{project}/export-jobs", body)["id"]
    export = await_job(client, f"/v1/export-jobs/{export_id}")
    assert export["status"] == "completed", export["error"]
    assert export["exported_images"] == 14
    archive = zipfile.ZipFile(io.BytesIO(requests.get(export["download_url"], timeout=30).content))
    assert archive.testzip() is None
    rows = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
    assert len(rows) == 14
    for row in rows:
        assert archive.getinfo(row["file_name"]).file_size == row["file_size"]

    operations = {row["operation"] for row in client.list_all("/v1/job-stats")}
    assert {"crawler_fetch", "renditions_ingest", "exports_build"} <= operations
    actions = {row["action"] for row in client.list_all("/v1/activity")}
    assert {"project.create", "crawl_job.create", "export_job.create"} <= actions


def test_an_export_holds_every_image_in_its_variant(stack: RunningStack, photo_site: Site) -> None:
    """Asked for at the moment that the crawl has ended; and one that was asked for of one image."""
    client = stack.client()
    project = client.post("/v1/projects", {"name": "Flow"})["id"]
    urls = photo_site.photos(40)
    for name, addresses in (("small", urls), ("other", urls[:1])):
        variant = {"name": name, "width": 64, "height": 64, "format": "png"}
        options = {"chunk_size": 10, "dedup": "exact", "variants": [variant]}
        source = {"type": "urls", "urls": addresses}
        body = {"name": name, "source": source, "options": options}
        crawl = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
        crawl = await_job(client, f"/v1/crawl-jobs/{crawl}")
        assert crawl["work"]["variants"]["done"] == len(addresses)
        body = {"name": name, "format": "zip", "options": {"variant": name}}
        export = client.post(f"/v1/projects/{project}/export-jobs", body)["id"]
        export = await_job(client, f"/v1/export-jobs/{export}")
        assert (export["status"], export["total_images"]) == ("completed", 40), export["error"]
        file = io.BytesIO(requests.get(export["download_url"], timeout=30).content)
        names = zipfile.ZipFile(file).namelist()
        assert sum(name.endswith(".png") for name in names) == 40


def test_nothing_reachable_completes_with_reasons(stack: RunningStack) -> None:
    client = stack.client()
    project = client.post("/v1/projects", {"name": "Flow"})["id"]
    urls = ["http://127.0.0.1:1/a.jpg", "http://localhost/b.jpg", "http://[::1]/c.jpg"]
    body = {"name": "none", "source": {"type": "urls", "urls": urls}}
    job_id = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"], job["failed_images"]) == ("completed", 0, 3)
    report = client.get(f"/v1/crawl-jobs/{job_id}/report")
    assert sum(report["failure_reasons"].values()) == 3


def test_pages_are_followed(stack: RunningStack, photo_site: Site) -> None:
    for number in (1, 2):
        photo_site.put(f"/gallery/{number}.jpg", photo(70 + number))
        photo_site.page(
            f"/gallery/{number}.html", f'<img src="{number}.jpg" alt="Photograph {number}">'
        )
    index = photo_site.page(
        "/gallery/", '<a href="1.html">one</a> <a href="2.html">two</a> <img src="1.jpg">'
    )
    client = stack.client()
    project = client.post("/v1/projects", {"name": "Flow"})["id"]
    pages = {"type": "pages", "pages": [index], "max_depth": 1}
    body = {"name": "gallery", "source": pages}
    job_id = client.post(f"/v1/projects/{project}/crawl-jobs", body)["id"]
    job = await_job(client, f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["downloaded_images"], job["total_images"]) == ("completed", 2, 2)
    captions = {image["caption"] for image in client.list_all(f"/v1/projects/{project}/images")}
    assert "Photograph 2" in captions
