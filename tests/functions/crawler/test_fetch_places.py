"""A crawl meets images that the project has: better copies, and rejected ones."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import FetchFailure, Image, ImageAnalysis, ImageVariant
from shared.services import services
from tests.functions.crawler.test_fetch import assert_adds_up
from tests.harness import Person, System
from tests.sites import Site, photo

Crawl = Callable[..., Any]
NEAR = {"dedup": "perceptual", "max_distance": 8}
SQUARE = {"name": "square", "width": 64, "height": 64, "fit": "cover", "format": "jpeg"}
SIDES = (120, 240, 160)


def sizes(site: Site, number: int) -> list[str]:
    return [site.put(f"/{number}/{side}.jpg", photo(number, side=side)) for side in SIDES]


def originals(session: Session) -> list[Image]:
    session.expire_all()
    return list(session.scalars(select(Image).where(~Image.is_duplicate).order_by(Image.label)))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_the_largest_copy_is_kept_whichever_chunk_brings_it(
    site: Site, crawl: Crawl, session: Session, order: tuple[int, int, int]
) -> None:
    pictures = [sizes(site, number) for number in range(4)]
    urls = [pictures[number][place] for place in order for number in range(4)]
    job = crawl(urls, chunk_size=3, **NEAR)
    assert (job["downloaded_images"], job["duplicate_images"]) == (4, 8)
    assert_adds_up(job, session)
    expected = {urls_of_one[SIDES.index(240)] for urls_of_one in pictures}
    assert {image.original_url for image in originals(session)} == expected


def test_jobs_count_what_a_later_job_makes_a_duplicate(
    site: Site, crawl: Crawl, person: Person, session: Session
) -> None:
    small, large, _ = sizes(site, 1)
    first = crawl([small, site.photos(1)[0]])
    second = crawl([large], **NEAR)
    first = person.get(f"/v1/crawl-jobs/{first['id']}")
    assert (first["downloaded_images"], first["duplicate_images"]) == (1, 1)
    assert (second["downloaded_images"], second["duplicate_images"]) == (1, 0)
    assert_adds_up(first, session)


def test_variants_analyses_and_label_follow_to_the_better_copy(
    site: Site, crawl: Crawl, session: Session
) -> None:
    small, large, _ = sizes(site, 1)
    labelled = {"url": small, "label": "brick", "license": "CC0"}
    crawl([labelled], variants=["thumbnail", SQUARE], analyze=["basic"])
    crawl([large], **NEAR)
    (kept,) = originals(session)
    assert (kept.original_url, kept.label, kept.license) == (large, "brick", None)
    variants = session.scalars(
        select(ImageVariant.name).where(ImageVariant.image_id == kept.id).order_by("name")
    )
    assert variants.all() == ["square", "thumbnail"]
    analyses = session.scalars(select(ImageAnalysis).where(ImageAnalysis.image_id == kept.id))
    assert [(one.analyzer, one.status) for one in analyses] == [("basic", "completed")]


def test_a_variant_that_is_made_after_the_better_copy_came_is_made_of_that_too(
    site: Site, start: Callable[..., str], system: System, session: Session
) -> None:
    small, large, _ = sizes(site, 1)
    start([small], variants=["thumbnail", SQUARE])
    late = []
    while envelopes := system.mailbox.take():
        late += [one for one in envelopes if one.topic == "variants-requested"]
        for envelope in envelopes:
            if envelope.topic != "variants-requested":
                system.deliver(envelope)
    start([large], **NEAR)
    system.drain()
    for envelope in late:
        system.deliver(envelope)
    system.drain()
    (kept,) = originals(session)
    assert kept.original_url == large
    found = session.scalars(select(ImageVariant).where(ImageVariant.name == "square")).all()
    assert {one.image_id for one in found} == set(session.scalars(select(Image.id)))


@pytest.mark.parametrize("uploads_first", [True, False])
def test_uploads_are_kept_or_not_as_crawled_images_are(
    site: Site,
    crawl: Crawl,
    system: System,
    person: Person,
    project: str,
    session: Session,
    uploads_first: bool,
) -> None:
    """The upload is the larger copy of the first picture, the crawled one of the second."""
    urls = [sizes(site, 1)[0], sizes(site, 2)[1]]

    def upload() -> None:
        for number, side in ((1, 240), (2, 120)):
            data = photo(number, side=side)
            image = person.upload(project, data, label=str(number), license="CC0")
            system.uploaded(f"uploads/{project}/{image['image_id']}")
        system.drain()

    if uploads_first:
        upload()
    crawl(urls, **NEAR)
    if not uploads_first:
        upload()
    kept = [(one.label, one.original_url, one.license) for one in originals(session)]
    assert kept == [("1", None, "CC0"), ("2", urls[1], None)]


def test_rejected_content_and_what_looks_like_it_stay_away(
    site: Site, crawl: Crawl, person: Person, project: str, session: Session
) -> None:
    small, large, middle = sizes(site, 1)
    other = site.photos(1)[0]
    crawl([large])
    (image,) = originals(session)
    person.request("PATCH", f"/v1/images/{image.id}", {"rejected": True, "reject_reason": "No"})
    before = services().storage.list_names(f"images/{project}/")
    again = site.put("/again.jpg", photo(1, side=240))
    job = crawl([again, small, middle, other])
    assert (job["status"], job["total_images"], job["downloaded_images"]) == ("completed", 4, 1)
    assert (job["failed_images"], job["duplicate_images"]) == (3, 0)
    assert_adds_up(job, session)
    failures = session.scalars(select(FetchFailure)).all()
    assert {(one.reason, one.retryable) for one in failures} == {("rejected", False)}
    assert all(str(image.id) in (one.detail or "") for one in failures)
    assert {one.url for one in failures} == {again, small, middle}
    assert len(services().storage.list_names(f"images/{project}/")) == len(before) + 1
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == {"rejected": 3}
    person.request("PATCH", f"/v1/images/{image.id}", {"rejected": False})
    job = crawl([again, small], **NEAR)
    assert (job["failed_images"], job["duplicate_images"]) == (0, 2)


def test_an_upload_of_rejected_content_fails_with_the_reason(
    system: System, person: Person, project: str, session: Session
) -> None:
    def upload(side: int) -> Any:
        image_id = person.upload(project, photo(1, side=side))["image_id"]
        system.uploaded(f"uploads/{project}/{image_id}")
        system.drain()
        return person.get(f"/v1/images/{image_id}")

    image = upload(240)
    person.request("PATCH", f"/v1/images/{image['id']}", {"rejected": True})
    before = services().storage.list_names(f"images/{project}/")
    for side in (240, 120):
        failed = upload(side)
        assert (failed["status"], failed["is_valid"]) == ("failed", False)
        assert failed["failure_reason"].startswith("rejected: ")
        assert image["id"] in failed["failure_reason"]
    assert services().storage.list_names(f"images/{project}/") == before
    assert services().storage.list_names(f"uploads/{project}/") == []
    assert person.get(f"/v1/images/{image['id']}")["rejected"]


def test_a_second_upload_says_what_the_first_did_not(
    system: System, person: Person, project: str, session: Session
) -> None:
    says: list[dict[str, str]] = [{}, {"label": "cat", "caption": "A cat."}, {"license": "CC0"}]
    for about in says:
        image_id = person.upload(project, photo(1), **about)["image_id"]
        system.uploaded(f"uploads/{project}/{image_id}")
        system.drain()
    (image,) = originals(session)
    assert (image.label, image.caption, image.license) == ("cat", "A cat.", "CC0")
