"""Crawling what a person has deleted or rejected: it stays away, and so does what looks like it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import DeletedImage, Image
from shared.services import services
from tests.harness import Person, System
from tests.sites import Site, encode, photo

Crawl = Callable[..., Any]


def shrink(number: int) -> bytes:
    """Encode a photograph anew, in other bytes that look the same."""
    picture = Pillow.open(io.BytesIO(photo(number)))
    return encode(picture.resize((picture.width // 2, picture.height // 2)), "png")


@pytest.fixture
def delete(person: Person, system: System) -> Callable[[str, str], None]:
    """Delete all images of an address."""

    def delete(project: str, url: str) -> None:
        for image in person.get(f"/v1/projects/{project}/images")["items"]:
            if image["original_url"] == url:
                assert person.request("DELETE", f"/v1/images/{image['id']}").status_code == 204
        system.drain()

    return delete


@pytest.fixture
def outcome(person: Person, crawl: Crawl) -> Callable[..., Any]:
    """Crawl; return downloaded and duplicate images, and the reasons of failures."""

    def outcome(urls: list[Any], **options: Any) -> Any:
        job = crawl(urls, **options)
        report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
        assert job["status"] == "completed"
        return job["downloaded_images"], job["duplicate_images"], report["failure_reasons"]

    return outcome


Outcome = Callable[..., Any]
Delete = Callable[[str, str], None]


@pytest.mark.parametrize("refresh", ["skip", "revalidate", "always"])
def test_a_deleted_image_stays_away(
    refresh: str, site: Site, outcome: Outcome, delete: Delete, project: str
) -> None:
    url, other = site.photos(2)
    assert outcome([url, other]) == (2, 0, {})
    delete(project, url)
    assert outcome([url, other], refresh=refresh) == (0, 1, {"deleted": 1})
    assert site.hits["/photos/0.jpg"] == (1 if refresh == "skip" else 2)


def test_its_content_and_its_likes_stay_away_from_other_addresses_too(
    site: Site, outcome: Outcome, delete: Delete, project: str, session: Session
) -> None:
    (url,) = site.photos(1)
    outcome([url])
    delete(project, url)
    copy, alike = site.put("/copy.jpg", photo(0)), site.put("/alike.png", shrink(0), "image/png")
    other = site.put("/other.jpg", photo(3))
    for _ in range(2):
        assert outcome([copy, alike]) == (0, 0, {"deleted": 2})
    assert site.hits["/copy.jpg"] == site.hits["/alike.png"] == 1
    assert outcome([other]) == (1, 0, {})
    columns = select(DeletedImage.sha256, DeletedImage.phash)
    assert len(session.execute(columns).all()) == 1
    prefix = f"images/{project}/"
    assert len(list(services().storage.list_names(prefix))) == 1


def test_the_reason_says_how_to_take_it_back(
    site: Site, crawl: Crawl, delete: Delete, person: Person, project: str
) -> None:
    (url,) = site.photos(1)
    crawl([url])
    delete(project, url)
    job = crawl([url])
    (failed,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_urls"]
    assert (failed["reason"], failed["retryable"]) == ("deleted", False)
    assert "an upload of it brings it back" in failed["detail"]


def test_an_upload_brings_it_back(
    site: Site,
    outcome: Outcome,
    delete: Delete,
    person: Person,
    project: str,
    system: System,
    session: Session,
) -> None:
    (url,) = site.photos(1)
    outcome([url])
    delete(project, url)
    person.upload(project, shrink(0), content_type="image/png")
    (name,) = services().storage.list_names(f"uploads/{project}/")
    system.uploaded(name)
    system.drain()
    assert session.scalars(select(Image.status)).all() == ["completed"]
    assert session.scalars(select(DeletedImage)).all() == []
    assert outcome([url]) == (1, 0, {})


def test_a_content_that_another_image_has_was_not_deleted(
    site: Site, outcome: Outcome, delete: Delete, project: str, session: Session
) -> None:
    url, copy = site.put("/one.jpg", photo(0)), site.put("/two.jpg", photo(0))
    outcome([url, copy])
    delete(project, copy)
    assert session.scalar(select(func.count()).select_from(DeletedImage)) == 0
    assert outcome([url, copy]) == (0, 2, {})
    delete(project, url)
    assert session.scalar(select(func.count()).select_from(DeletedImage)) == 0
    delete(project, copy)
    assert outcome([url, copy]) == (0, 0, {"deleted": 2})


def test_the_likes_of_a_deleted_image_that_the_project_has_stay(
    site: Site, outcome: Outcome, delete: Delete, project: str
) -> None:
    (url,) = site.photos(1)
    alike = site.put("/alike.png", shrink(0), "image/png")
    assert outcome([url, alike]) == (2, 0, {})
    delete(project, url)
    assert outcome([url, alike]) == (0, 1, {"deleted": 1})


def test_deleting_a_crawl_job_keeps_nothing_away(
    site: Site, crawl: Crawl, outcome: Outcome, person: Person, system: System
) -> None:
    (url,) = site.photos(1)
    job = crawl([url])
    assert person.request("DELETE", f"/v1/crawl-jobs/{job['id']}").status_code == 204
    system.drain()
    assert outcome([url]) == (1, 0, {})


def test_a_rejected_image_is_not_even_downloaded(
    site: Site, outcome: Outcome, person: Person, project: str
) -> None:
    (url,) = site.photos(1)
    alike = site.put("/alike.png", shrink(0), "image/png")
    outcome([url])
    (image,) = person.get(f"/v1/projects/{project}/images")["items"]
    path = f"/v1/images/{image['id']}"
    assert person.request("PATCH", path, {"rejected": True}).status_code == 200
    for _ in range(2):
        assert outcome([url, alike]) == (0, 0, {"rejected": 2})
    assert site.hits["/photos/0.jpg"] == site.hits["/alike.png"] == 1
    assert person.request("PATCH", path, {"rejected": False}).status_code == 200
    assert outcome([url, alike]) == (1, 1, {})
    assert (site.hits["/photos/0.jpg"], site.hits["/alike.png"]) == (1, 2)


def test_another_project_may_have_it(
    site: Site, outcome: Outcome, delete: Delete, person: Person, project: str, system: System
) -> None:
    (url,) = site.photos(1)
    outcome([url])
    delete(project, url)
    other = person.post("/v1/projects", {"name": "Other"})["id"]
    source = {"type": "urls", "urls": [url]}
    person.post(f"/v1/projects/{other}/crawl-jobs", {"name": "x", "source": source}, 202)
    system.drain()
    assert len(person.get(f"/v1/projects/{other}/images")["items"]) == 1
