"""Deleting crawl jobs with the images that they brought."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import CrawlChunk, CrawlJob, ExportJob, FetchFailure, Image, ValidationJob
from shared.services import services
from tests.harness import Person, System, expect
from tests.sites import Site, photo

Crawl = Callable[..., Any]

SMALL = {"name": "small", "width": 16, "format": "png"}


def list_stored(project: str) -> list[str]:
    """Return the names of a project's objects."""
    storage = services().storage
    return storage.list_names("exports/") + [
        name
        for kind in ("images", "variants", "manifests")
        for name in storage.list_names(f"{kind}/{project}/")
    ]


def delete(person: Person, job: dict[str, Any], status: int = 204) -> Any:
    """Delete a crawl job."""
    return expect(person.request("DELETE", f"/v1/crawl-jobs/{job['id']}"), status)


def count(session: Session, table: Any) -> int:
    """Return how many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_all_that_it_brought_goes(
    site: Site, crawl: Crawl, person: Person, system: System, session: Session, project: str
) -> None:
    before = list_stored(project)
    job = crawl(
        [*site.photos(3), site.photos(1)[0], "nonsense"],
        variants=["thumbnail", SMALL],
        validate={"min_width": 1},
    )
    path = f"/v1/crawl-jobs/{job['id']}"
    person.post(f"{path}/export-jobs", {"name": "e", "format": "zip"}, 202)
    system.drain()
    assert len(list_stored(project)) > len(before)
    delete(person, job)
    for method, rest in (("GET", ""), ("GET", "/report"), ("POST", "/retry"), ("DELETE", "")):
        expect(person.request(method, path + rest), 404)
    assert person.get(f"/v1/projects/{project}/images")["items"] == []
    assert person.get(f"/v1/projects/{project}/crawl-jobs")["items"] == []
    system.drain(copies=2)
    for table in (CrawlJob, CrawlChunk, FetchFailure, Image, ValidationJob, ExportJob):
        assert count(session, table) == 0
    assert list_stored(project) == before


@pytest.mark.parametrize("dedup", ["exact", "perceptual", "none"])
def test_what_other_jobs_hold_stays(
    site: Site,
    crawl: Crawl,
    person: Person,
    system: System,
    session: Session,
    project: str,
    dedup: str,
) -> None:
    first = crawl(site.photos(3), dedup=dedup)
    second = crawl([{"url": url, "label": "cat"} for url in site.photos(2)], dedup=dedup)
    of_third = select(Image.file_path).where(Image.file_name == "2.jpg")
    objects = set(session.scalars(of_third))
    delete(person, first)
    system.drain()
    images = person.get(f"/v1/projects/{project}/images")["items"]
    assert [one["crawl_job_id"] for one in images] == [second["id"]] * 2
    assert {(one["is_duplicate"], one["label"]) for one in images} == {(False, "cat")}
    hashes = session.scalars(select(Image.image_hash).execution_options(populate_existing=True))
    assert None not in hashes.all()
    job = person.get(f"/v1/crawl-jobs/{second['id']}")
    assert (job["downloaded_images"], job["duplicate_images"], job["valid_images"]) == (2, 0, 2)
    names = {one for one in list_stored(project) if one.startswith("images/")}
    assert len(names) == 2
    assert not names & objects


def test_a_manifest_that_was_uploaded_goes_with_its_job(
    site: Site, crawl: Crawl, person: Person, system: System, project: str
) -> None:
    before = list_stored(project)
    job = crawl(site.photos(1))
    name = f"manifests/{project}/{job['id']}"
    services().storage.put_once(name, b"url", "text/csv")
    delete(person, job)
    system.drain()
    assert list_stored(project) == before


def test_originals_of_its_duplicates_stay(
    site: Site, crawl: Crawl, person: Person, system: System, project: str
) -> None:
    first = crawl(site.photos(2))
    second = crawl(site.photos(3))
    delete(person, second)
    system.drain()
    images = person.get(f"/v1/projects/{project}/images")["items"]
    assert [one["crawl_job_id"] for one in images] == [first["id"]] * 2
    assert len([one for one in list_stored(project) if one.startswith("images/")]) == 2
    assert person.get(f"/v1/crawl-jobs/{first['id']}") == first


def test_a_job_at_work_is_cancelled_first(
    start: Callable[..., str], site: Site, person: Person, system: System, session: Session
) -> None:
    job = {"id": start(site.photos(1))}
    assert "cancel" in delete(person, job, 409)["detail"]
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    delete(person, job, 409)
    ready = system.mailbox.take()
    person.post(f"/v1/crawl-jobs/{job['id']}/cancel", status=202)
    delete(person, job)
    for message in ready:
        system.deliver(message)
    system.drain()
    assert count(session, Image) == count(session, CrawlJob) == 0
    assert set(system.statuses) == {204}


def test_somebody_elses_job_is_absent(crawl: Crawl, site: Site, system: System) -> None:
    job = crawl(site.photos(1))
    delete(system.person(), job, 404)
    job_after = crawl(site.photos(1))
    assert job_after["duplicate_images"] == 1


def test_it_comes_back_with_the_next_crawl(site: Site, crawl: Crawl, person: Person) -> None:
    site.put("/photo.jpg", photo(0))
    job = crawl([f"{site.base_url}/photo.jpg"])
    delete(person, job)
    again = crawl([f"{site.base_url}/photo.jpg"])
    assert (again["downloaded_images"], again["duplicate_images"]) == (1, 0)


@pytest.mark.parametrize("kind", ["images", "crawl-jobs"])
def test_a_rejection_ends_with_its_image_and_a_deletion_lasts(
    site: Site, crawl: Crawl, person: Person, system: System, project: str, kind: str
) -> None:
    urls = site.photos(1)
    job = crawl(urls)
    (image,) = person.get(f"/v1/projects/{project}/images")["items"]
    expect(person.request("PATCH", f"/v1/images/{image['id']}", {"rejected": True}), 200)
    again = crawl(urls)
    report = person.get(f"/v1/crawl-jobs/{again['id']}/report")
    assert report["failure_reasons"] == {"rejected": 1}
    gone = image if kind == "images" else job
    expect(person.request("DELETE", f"/v1/{kind}/{gone['id']}"), 204)
    system.drain()
    after = crawl(urls)
    assert after["downloaded_images"] == (0 if kind == "images" else 1)
    report = person.get(f"/v1/crawl-jobs/{after['id']}/report")
    assert report["failure_reasons"] == ({"deleted": 1} if kind == "images" else {})
