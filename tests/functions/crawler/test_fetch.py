"""Fetching a chunk: what becomes of each address, once and only once."""

import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import PIL.Image
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.crawls import download
from shared.imaging import inspect
from shared.models import CrawlChunk, FetchFailure, Image, ImageVariant, OutboxMessage
from shared.services import services
from tests.harness import Person, System
from tests.sites import Site, allow_sites, animation, bomb, encode, photo

Crawl = Callable[..., Any]


def assert_adds_up(job: dict[str, Any], session: Session) -> None:
    """Every address has one outcome, in the job's counters as in the rows."""
    outcomes = ("downloaded_images", "duplicate_images", "failed_images")
    assert sum(job[name] for name in outcomes) == job["total_images"]
    images = session.scalar(
        select(func.count()).select_from(Image).where(Image.crawl_job_id == job["id"])
    )
    failures = session.scalar(
        select(func.count()).select_from(FetchFailure).where(FetchFailure.crawl_job_id == job["id"])
    )
    assert images == job["downloaded_images"] + job["duplicate_images"]
    assert failures == job["failed_images"]
    for chunk in session.scalars(select(CrawlChunk).where(CrawlChunk.crawl_job_id == job["id"])):
        assert chunk.downloaded + chunk.duplicate + chunk.failed == chunk.url_count
        assert len(chunk.urls or []) == chunk.url_count


def test_photographs_become_images(
    site: Site, crawl: Crawl, session: Session, system: System, person: Person
) -> None:
    known = {"label": "brick", "caption": "A brick wall", "license": "CC0"}
    urls = [*site.photos(4), {"url": site.photos(1, first=4)[0], **known}]
    job = crawl(urls)
    assert (job["status"], job["progress"], job["error"]) == ("completed", 100, None)
    assert job["total_images"] == job["downloaded_images"] == job["valid_images"] == 5
    assert (job["total_chunks"], job["completed_chunks"], job["active_chunks"]) == (1, 1, 0)
    assert job["started_at"] <= job["completed_at"]
    assert_adds_up(job, session)
    image = session.scalars(select(Image).where(Image.label == "brick")).one()
    assert (image.caption, image.license) == ("A brick wall", "CC0")
    assert (image.format, image.mime_type, image.frames) == ("jpeg", "image/jpeg", 1)
    assert (image.status, image.is_valid, image.is_duplicate) == ("completed", True, False)
    assert image.original_url == f"{site.base_url}/photos/4.jpg"
    assert (image.file_name, image.user_id) == ("4.jpg", person.id)
    assert image.phash is not None
    assert image.sharpness is not None
    storage = services().storage
    assert storage.read(image.file_path or "") == photo(4)
    thumbnail = session.scalars(select(ImageVariant).where(ImageVariant.image_id == image.id)).one()
    assert thumbnail.name == "thumbnail"
    assert thumbnail.object == image.processed_path
    assert len(storage.read(thumbnail.object)) == thumbnail.file_size
    # The thumbnails are made already, so nothing more is asked for.
    assert "variant-chunk-ready" not in system.mailbox.topics()


def test_every_failure_has_its_reason(
    site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    whole = photo(0)
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private/\n", "text/plain")
    redirect: dict[str, Any] = {
        "status": 302,
        "headers": [("Location", "http://169.254.169.254/latest/")],
    }
    circle: dict[str, Any] = {"status": 302, "headers": [("Location", "/circle.jpg")]}
    expected = {
        f"{site.base_url}/missing.jpg": "http_404",
        site.put("/gone.jpg", b"gone", status=410): "http_410",
        site.put("/truncated.jpg", whole[: len(whole) // 2]): "truncated",
        site.put("/page.jpg", b"<html><body>Sign in</body></html>"): "not_an_image",
        site.put(
            "/drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        ): "unsupported_format",
        site.put("/empty.png", b"", "image/png"): "empty",
        site.put("/large.jpg", whole + bytes(300_000)): "too_large",
        site.put("/bomb.png", bomb(), "image/png"): "too_many_pixels",
        site.put("/icon.png", photo(1, "png", side=16), "image/png"): "too_small",
        site.put("/private/secret.jpg", whole): "robots",
        site.put("/noai.jpg", whole, headers=[("X-Robots-Tag", "noai")]): "opted_out",
        site.put("/noindex.jpg", whole, headers=[("X-Robots-Tag", "noindex")]): "opted_out",
        site.put(
            "/noimageindex.jpg", whole, headers=[("X-Robots-Tag", "pixmill: noimageindex")]
        ): "opted_out",
        site.put("/redirected.jpg", b"", **redirect): "blocked_address",
        site.put("/circle.jpg", b"", **circle): "too_many_redirects",
        "http://169.254.169.254/computeMetadata/v1/": "blocked_address",
        "http://127.0.0.1:80/": "blocked_address",
        "http://[::ffff:10.0.0.1]/": "blocked_address",
        "http://0x7f.1/": "blocked_address",
        "http://localhost/": "blocked_address",
        "http://93.184.215.14:22/": "blocked_port",
    }
    with allow_sites(site, max_image_bytes=250_000):
        job = crawl([*expected, *site.photos(1, first=5)], min_width=32, chunk_size=7)
    found = session.scalars(select(FetchFailure)).all()
    assert {one.url: one.reason for one in found} == expected
    assert all(one.detail for one in found)
    assert not any(one.retryable for one in found)
    assert (job["status"], job["downloaded_images"]) == ("completed", 1)
    assert job["failed_images"] == len(expected)
    assert_adds_up(job, session)
    report = person.get(f"/v1/crawl-jobs/{job['id']}/report")
    assert report["failure_reasons"] == Counter(expected.values())
    assert {one["url"]: one["reason"] for one in report["failed_urls"]} == expected


def test_other_formats_and_animations_are_images(
    site: Site, crawl: Crawl, session: Session
) -> None:
    urls = [site.put(f"/a.{kind}", photo(3, kind)) for kind in ("png", "webp", "avif", "tiff")]
    urls.append(site.put("/a.gif", animation()))
    job = crawl(urls)
    assert job["downloaded_images"] == 5
    frames = dict(session.execute(select(Image.format, Image.frames)).all())
    assert frames == {"png": 1, "webp": 1, "avif": 1, "tiff": 1, "gif": 3}


def test_whom_a_file_names_is_credited_unless_its_page_names_somebody(
    site: Site, crawl: Crawl, session: Session
) -> None:
    for number, name in enumerate(("a", "b")):
        picture = PIL.Image.open(io.BytesIO(photo(number)))
        exif = picture.getexif()
        exif[315], exif[33432] = "Ada", "(c) 2026 Agency"
        site.put(f"/{name}.jpg", encode(picture, "jpeg", exif=exif))
    known = json.dumps(
        {"@type": "ImageObject", "contentUrl": f"{site.base_url}/b.jpg", "creditText": "Grace"}
    )
    page = site.page("/", f'<img src="/a.jpg"><script type="application/ld+json">{known}</script>')
    crawl({"type": "pages", "pages": [page]})
    images = session.scalars(select(Image).order_by(Image.original_url))
    assert [image.attribution for image in images] == ["Ada, (c) 2026 Agency", "Grace"]


def test_metadata_that_cannot_be_stored_as_it_is(
    site: Site, crawl: Crawl, session: Session
) -> None:
    picture = PIL.Image.open(io.BytesIO(photo(0)))
    exif = picture.getexif()
    exif[271], exif[272] = "A\0cme", b"\xff\xfe Camera"
    job = crawl([site.put("/a.jpg", encode(picture, "jpeg", exif=exif))])
    assert (job["downloaded_images"], job["failed_images"]) == (1, 0)


def test_bodies_in_memory_are_bounded(
    site: Site, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_PENDING_BYTES", 1)
    assert crawl(site.photos(6))["downloaded_images"] == 6


def test_job_of_only_unreachable_addresses_completes(
    site: Site, crawl: Crawl, session: Session
) -> None:
    job = crawl([f"{site.base_url}/no/{n}.jpg" for n in range(5)], chunk_size=2)
    assert (job["status"], job["downloaded_images"], job["failed_images"]) == ("completed", 0, 5)
    assert_adds_up(job, session)


def test_the_same_content_is_stored_once(site: Site, crawl: Crawl, session: Session) -> None:
    urls = site.photos(3)
    copies = [site.put(f"/copies/{n}.jpg", photo(0)) for n in range(4)]
    job = crawl([*urls, *copies, urls[1]], chunk_size=3)
    assert (job["downloaded_images"], job["duplicate_images"]) == (3, 5)
    assert_adds_up(job, session)
    first = session.scalars(select(Image).where(Image.original_url == urls[0])).one()
    duplicates = session.scalars(select(Image).where(Image.duplicate_of == first.id)).all()
    assert {image.original_url for image in duplicates} == set(copies)
    assert all(image.is_duplicate and image.image_hash is None for image in duplicates)
    assert {image.file_path for image in duplicates} == {first.file_path}
    again = crawl(urls)
    assert (again["downloaded_images"], again["duplicate_images"]) == (0, 3)


@pytest.mark.parametrize("remembered", [1, 100])
def test_copies_are_inspected_once(
    remembered: int, site: Site, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspected: list[bytes] = []

    def note(data: bytes, *args: Any, **options: Any) -> Any:
        inspected.append(data)
        return inspect(data, *args, **options)

    monkeypatch.setattr(download, "inspect", note)
    monkeypatch.setattr(download, "REMEMBERED", remembered)
    copies = [site.put(f"/alike/{n}.jpg", photo(0)) for n in range(6)]
    job = crawl([*copies, *site.photos(1, first=1)], chunk_size=10)
    assert (job["downloaded_images"], job["duplicate_images"]) == (2, 5)
    at_once = 2  # threads decode, and neither waits for the other
    assert inspected.count(photo(0)) <= at_once * (2 if remembered == 1 else 1)
    assert inspected.count(photo(1)) == 1


def test_without_dedup_copies_are_images_of_their_own(
    site: Site, crawl: Crawl, session: Session
) -> None:
    urls = [*site.photos(2), site.put("/copy.jpg", photo(0))]
    job = crawl(urls, dedup="none", chunk_size=1)
    assert (job["downloaded_images"], job["duplicate_images"]) == (3, 0)
    assert session.scalars(select(Image).where(Image.is_duplicate)).all() == []


def test_perceptual_dedup_marks_what_looks_the_same(
    site: Site, crawl: Crawl, session: Session
) -> None:
    urls = site.photos(6)
    alike = [site.put(f"/alike/{n}.webp", photo(n, "webp", side=140)) for n in range(3)]
    copy = site.put("/alike/copy.webp", photo(0, "webp", side=140))
    job = crawl([*urls, *alike, copy], dedup="perceptual", chunk_size=4)
    assert (job["downloaded_images"], job["duplicate_images"]) == (6, 4)
    originals = {
        image.id: image.original_url
        for image in session.scalars(select(Image).where(~Image.is_duplicate))
    }
    found = {
        image.original_url: originals[image.duplicate_of]
        for image in session.scalars(select(Image).where(Image.is_duplicate))
        if image.duplicate_of
    }
    assert found == dict(zip([*alike, copy], [*urls[:3], urls[0]], strict=True))
    assert_adds_up(job, session)


def test_of_several_sizes_the_largest_is_kept(site: Site, crawl: Crawl, session: Session) -> None:
    sizes = [site.put(f"/{side}.jpg", photo(1, side=side)) for side in (100, 160, 240, 120)]
    job = crawl(sizes, dedup="perceptual", max_distance=8)
    assert (job["downloaded_images"], job["duplicate_images"]) == (1, 3)
    kept = session.scalars(select(Image).where(~Image.is_duplicate)).one()
    assert kept.original_url == sizes[2]


def test_further_variants_are_asked_for(
    site: Site, crawl: Crawl, system: System, session: Session
) -> None:
    square = {"name": "square", "width": 64, "height": 64, "fit": "cover", "format": "jpeg"}
    crawl(site.photos(2), variants=[square])
    assert system.mailbox.topics().count("variant-chunk-ready") == 1
    variants = session.scalars(select(ImageVariant)).all()
    assert [(one.name, one.width, one.height) for one in variants] == [("square", 64, 64)] * 2


@pytest.mark.parametrize("concurrently", [False, True])
def test_delivered_often_counts_once(
    site: Site,
    start: Callable[..., str],
    system: System,
    session: Session,
    person: Person,
    concurrently: bool,
) -> None:
    urls = [*site.photos(8), site.put("/copy.jpg", photo(0)), f"{site.base_url}/missing.jpg"]
    job_id = start(urls, chunk_size=3)
    if concurrently:
        system.drain_concurrently(copies=8)
    else:
        system.drain(copies=2)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert job["status"] == "completed"
    assert (job["downloaded_images"], job["duplicate_images"], job["failed_images"]) == (8, 1, 1)
    assert_adds_up(job, session)
    assert system.mailbox.topics().count("crawl-completed") == 1
    assert set(system.statuses) == {204}
    unsent = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
    assert session.scalar(unsent) == 0


def test_a_later_crawl_adds_what_it_knows_to_the_originals(
    site: Site, crawl: Crawl, session: Session
) -> None:
    urls = site.photos(2)
    crawl(urls)
    said = {"label": "cat", "caption": "A cat.", "license": "CC0"}
    job = crawl([{"url": url, **said} for url in urls])
    assert (job["downloaded_images"], job["duplicate_images"]) == (0, 2)
    originals = session.scalars(select(Image).where(~Image.is_duplicate)).all()
    assert [(one.label, one.caption, one.license) for one in originals] == [
        ("cat", "A cat.", "CC0")
    ] * 2
