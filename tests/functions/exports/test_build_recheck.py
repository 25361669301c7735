"""An export for which the rights of its images are asked for again: what is withdrawn stays out."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pandas
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import Image, VerificationChunk, VerificationJob, VerificationResult
from shared.services import services
from tests.functions.exports.conftest import download
from tests.harness import Person, System, expect
from tests.sites import Site, photo

Crawl = Callable[..., Any]
Recheck = Callable[..., Any]
NOAI = [("X-Robots-Tag", "noai")]
RESERVED = b'[{"location": "/c", "tdm-reservation": 1}]'


@pytest.fixture
def recheck(person: Person, system: System) -> Recheck:
    """Export what is at a path, with rights asked for again; return the job at its end."""

    def run(path: str, kind: str = "zip", **options: Any) -> Any:
        body = {"name": "x", "format": kind, "options": {"recheck_rights": True, **options}}
        job = person.post(f"{path}/export-jobs", body, 202)
        system.drain()
        return person.get(f"/v1/export-jobs/{job['id']}")

    return run


@pytest.fixture
def urls(site: Site) -> list[str]:
    return [site.put(f"/{name}.jpg", photo(number)) for number, name in enumerate("abcde")]


def withdraw(site: Site) -> None:
    """Let the site refuse three of its five images, each by another signal."""
    site.put("/robots.txt", b"User-agent: *\nDisallow: /a.jpg\n", "text/plain")
    site.put("/b.jpg", photo(1), headers=NOAI)
    site.put("/.well-known/tdmrep.json", RESERVED, "application/json")


def left_out(job: Any) -> dict[str, str]:
    return {one["url"].rsplit("/", 1)[1]: one["reason"] for one in job["failures"]}


def test_what_is_withdrawn_is_left_out_and_named(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck, person: Person
) -> None:
    crawled = crawl([{"url": url, "label": url[-5]} for url in urls])
    withdraw(site)
    del site.replies["/d.jpg"]
    site.hits.clear()
    job = recheck(f"/v1/crawl-jobs/{crawled['id']}")
    assert (job["status"], job["total_images"]) == ("completed", 5)
    assert (job["exported_images"], job["failed_images"]) == (2, 3)
    assert left_out(job) == {"a.jpg": "robots", "b.jpg": "opted_out", "c.jpg": "opted_out"}
    assert job["error"] == (
        "3 images could not be exported (robots: 1, opted_out: 2); `failures` names them."
    )
    assert site.hits["/a.jpg"] == 0
    assert {site.hits[f"/{name}.jpg"] for name in "bcde"} == {1}
    verification = person.get(f"/v1/verification-jobs/{job['recheck']['verification_job_id']}")
    assert verification["name"] == "Rights for x"
    assert job["recheck"] == {
        "verification_job_id": verification["id"],
        "status": "completed",
        "total_images": 5,
        "opted_out": 3,
        "unreachable": 0,
        "gone": 1,
        "different_picture": 0,
        "without_origin": 0,
    }
    (warning,) = job["warnings"]
    assert "of 1 images whose origin has nothing there any more" in warning
    archive = zipfile.ZipFile(io.BytesIO(download({**job, "error": None})))
    table = pandas.read_parquet(io.BytesIO(archive.read("RIGHTS.parquet")))
    refused = table[table["decision"] == "refused"]
    assert refused["file_name"].isna().all()
    assert refused["rechecked"].all()
    ids = {
        one["original_url"][-5]: one["id"]
        for one in person.get(f"/v1/projects/{crawled['project_id']}/images")["items"]
    }
    assert set(refused["image_id"]) == {ids["a"], ids["b"], ids["c"]}
    assert sorted(refused["source"]) == ["robots.txt", "tdmrep.json", "x-robots-tag"]
    assert archive.read("FAILURES.csv").decode().count("\n") == 4
    card = archive.read("dataset.json").decode()
    assert '"opted_out": 3' in card
    assert person.get(f"/v1/export-jobs/{job['id']}")["export_options"]["recheck_rights"] is True
    assert sum(name.endswith(".jpg") for name in archive.namelist()) == 2
    # No class of the withdrawn images is left.
    assert '"classes": [\n    "d",\n    "e"\n  ]' in card


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_tables_leave_it_out_too(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck, kind: str
) -> None:
    project = crawl(urls)["project_id"]
    withdraw(site)
    job = recheck(f"/v1/projects/{project}", kind)
    assert (job["status"], job["exported_images"], job["failed_images"]) == ("completed", 2, 3)


def test_silence_is_no_withdrawal(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck, person: Person, system: System
) -> None:
    project = crawl(urls[:2])["project_id"]
    upload = person.upload(project, photo(7))
    system.uploaded(f"uploads/{project}/{upload['image_id']}")
    system.drain()
    site.put("/a.jpg", b"no", "text/plain", status=403)
    site.put("/b.jpg", b"no", "text/plain", status=401)
    job = recheck(f"/v1/projects/{project}")
    assert (job["status"], job["exported_images"], job["failures"]) == ("completed", 3, [])
    assert (job["recheck"]["unreachable"], job["recheck"]["without_origin"]) == (2, 1)
    unreachable, uploaded = job["warnings"]
    assert "of 2 images whose origin could not be reached: those are in it on" in unreachable
    assert "of 1 images that were uploaded" in uploaded


def test_a_crawl_that_ignored_rights_is_heard_now(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck
) -> None:
    withdraw(site)
    crawled = crawl(urls, rights="ignore", respect_robots=False)
    assert crawled["downloaded_images"] == 5
    job = recheck(f"/v1/crawl-jobs/{crawled['id']}")
    assert left_out(job) == {"a.jpg": "robots", "b.jpg": "opted_out", "c.jpg": "opted_out"}


def test_all_withdrawn_makes_no_file(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck
) -> None:
    crawled = crawl(urls)
    site.put("/robots.txt", b"User-agent: *\nDisallow: /\n", "text/plain")
    job = recheck(f"/v1/crawl-jobs/{crawled['id']}")
    assert (job["status"], job["failed_images"]) == ("failed", 5)
    assert "robots: 5" in job["error"]


def test_parts_go_on_with_what_was_found(
    site: Site,
    urls: list[str],
    crawl: Crawl,
    recheck: Recheck,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crawled = crawl(urls)
    withdraw(site)
    with monkeypatch.context() as patch:
        settings = replace(services().settings, export_gathered_bytes=0)
        patch.setitem(services().built, "settings", settings)
        job = recheck(f"/v1/crawl-jobs/{crawled['id']}")
    assert (job["exported_images"], job["failed_images"]) == (2, 3)
    archive = zipfile.ZipFile(io.BytesIO(download({**job, "error": None})))
    table = pandas.read_parquet(io.BytesIO(archive.read("RIGHTS.parquet")))
    assert table[table["file_name"].isna()]["image_id"].nunique() == 3


def start(person: Person, crawled: Any) -> Any:
    body = {"name": "x", "format": "zip", "options": {"recheck_rights": True}}
    return person.post(f"/v1/crawl-jobs/{crawled['id']}/export-jobs", body, 202)


def step(system: System, topic: str) -> None:
    """Deliver what waits, which is of one topic."""
    waiting = system.mailbox.take()
    assert {one.topic for one in waiting} == {topic}
    for one in waiting:
        system.deliver(one)


def test_a_recheck_that_is_cancelled_fails_the_export(
    urls: list[str], crawl: Crawl, system: System, person: Person
) -> None:
    job = start(person, crawl(urls))
    step(system, "export-requested")
    shown = person.get(f"/v1/export-jobs/{job['id']}")
    assert (shown["status"], shown["recheck"]["status"]) == ("running", "pending")
    path = f"/v1/verification-jobs/{shown['recheck']['verification_job_id']}"
    assert person.request("DELETE", path).status_code == 409
    person.post(f"{path}/cancel", status=202)
    system.drain()
    shown = person.get(f"/v1/export-jobs/{job['id']}")
    assert shown["status"] == "failed"
    assert shown["error"].startswith("The rights could not be asked for again")
    # Now that the export has ended, its results are anybody's again.
    person.post(f"{path}/retry", status=202)
    system.drain()
    assert person.get(path)["same_bytes"] == 5
    assert person.get(f"/v1/export-jobs/{job['id']}")["status"] == "failed"
    assert person.request("DELETE", path).status_code == 204
    expect(person.request("GET", path), 404)


def test_results_that_an_export_is_built_by_stay(
    urls: list[str], crawl: Crawl, system: System, person: Person
) -> None:
    job = start(person, crawl(urls))
    step(system, "export-requested")
    step(system, "verification-requested")
    step(system, "verification-chunk-ready")
    waiting = system.mailbox.take()
    path = person.get(f"/v1/export-jobs/{job['id']}")["recheck"]["verification_job_id"]
    path = f"/v1/verification-jobs/{path}"
    assert person.get(path)["status"] == "completed"
    assert "An export is being built" in person.request("DELETE", path).text
    assert "An export is being built" in person.request("POST", f"{path}/retry", {}).text
    for one in waiting:
        system.deliver(one)
    system.drain()
    assert person.get(f"/v1/export-jobs/{job['id']}")["status"] == "completed"
    assert person.request("DELETE", path).status_code == 204
    assert person.get(f"/v1/export-jobs/{job['id']}")["recheck"] is None


def test_deleting_the_export_ends_its_recheck(
    urls: list[str], crawl: Crawl, system: System, person: Person, session: Session
) -> None:
    job = start(person, crawl(urls))
    step(system, "export-requested")
    step(system, "verification-requested")
    assert person.request("DELETE", f"/v1/export-jobs/{job['id']}").status_code == 204
    system.drain()
    assert set(system.statuses) == {204}
    for table in (VerificationJob, VerificationChunk, VerificationResult):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_messages_that_come_twice_ask_once(
    site: Site, urls: list[str], crawl: Crawl, system: System, person: Person, session: Session
) -> None:
    crawled = crawl(urls)
    site.hits.clear()
    job = start(person, crawled)
    system.drain(copies=2)
    assert person.get(f"/v1/export-jobs/{job['id']}")["exported_images"] == 5
    assert session.scalar(select(func.count()).select_from(VerificationJob)) == 1
    assert all(site.hits[f"/{name}.jpg"] == 1 for name in "abcde")


def test_images_that_come_later_are_not_in_it(
    site: Site,
    urls: list[str],
    crawl: Crawl,
    system: System,
    person: Person,
    session: Session,
) -> None:
    crawled = crawl(urls[:3])
    job = start(person, crawled)
    step(system, "export-requested")
    step(system, "verification-requested")
    # One whose origin nobody asked for comes in between, and one that was planned is another now.
    late = session.scalar(select(Image).where(Image.original_url == urls[0]))
    assert late is not None
    session.query(VerificationResult).filter_by(image_id=late.id).delete()
    session.commit()
    person.upload(crawled["project_id"], photo(7))
    system.drain()
    shown = person.get(f"/v1/export-jobs/{job['id']}")
    assert (shown["exported_images"], left_out(shown)) == (2, {"a.jpg": "not_asked"})
    assert UUID(shown["failures"][0]["image_id"]) == late.id


def test_what_a_version_holds_is_asked_for_as_well(
    site: Site, urls: list[str], crawl: Crawl, recheck: Recheck, person: Person, system: System
) -> None:
    project = crawl(urls)["project_id"]
    version = person.post(f"/v1/projects/{project}/versions", {"name": "first"}, 202)
    system.drain()
    crawl([site.put("/later.jpg", photo(7))])
    withdraw(site)
    site.hits.clear()
    job = recheck(f"/v1/versions/{version['id']}")
    assert (job["status"], job["exported_images"]) == ("completed", 2)
    assert left_out(job) == {"a.jpg": "robots", "b.jpg": "opted_out", "c.jpg": "opted_out"}
    assert (job["recheck"]["total_images"], site.hits["/later.jpg"]) == (5, 0)
    archive = zipfile.ZipFile(io.BytesIO(download({**job, "error": None})))
    table = pandas.read_parquet(io.BytesIO(archive.read("RIGHTS.parquet")))
    assert table[table["file_name"].isna()]["image_id"].nunique() == 3
    assert table["rechecked"].sum() > 0 < (~table["rechecked"]).sum()
