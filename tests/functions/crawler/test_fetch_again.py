"""Crawling again what a project knows: what is asked, what is downloaded, and how it counts."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import AddressRecord, Image, ImageVariant
from tests.harness import Person, System
from tests.sites import Site, photo

Crawl = Callable[..., Any]


def count(job: Any) -> tuple[int, int, int]:
    """Images of a job that is complete: downloaded, duplicate, failed; together all."""
    found = (job["downloaded_images"], job["duplicate_images"], job["failed_images"])
    assert (job["status"], sum(found)) == ("completed", job["total_images"])
    return found


def tag(site: Site, path: str, number: int, version: int = 1) -> str:
    """Serve a photograph with an entity tag; return its address."""
    return site.put(path, photo(number), headers=[("ETag", f'"{number}.{version}"')])


@pytest.fixture
def urls(site: Site) -> list[str]:
    return [tag(site, f"/{number}.jpg", number) for number in range(4)]


@pytest.fixture
def reasons(person: Person) -> Callable[[Any], Any]:
    def reasons(job: Any) -> Any:
        return person.get(f"/v1/crawl-jobs/{job['id']}/report")["failure_reasons"]

    return reasons


def test_what_is_known_is_not_asked(site: Site, crawl: Crawl, urls: list[str]) -> None:
    assert count(crawl(urls, chunk_size=2)) == (4, 0, 0)
    before = site.hits.copy()
    assert count(crawl(urls, chunk_size=3)) == (0, 4, 0)
    assert site.hits == before


def test_only_what_is_new_is_downloaded(site: Site, crawl: Crawl, urls: list[str]) -> None:
    crawl(urls[:3])
    before = site.hits.copy()
    assert count(crawl(urls)) == (1, 3, 0)
    assert [path for path in site.hits - before if path.endswith(".jpg")] == ["/3.jpg"]
    assert site.hits["/3.jpg"] == 1


def test_unchanged_answers_bring_no_body(site: Site, crawl: Crawl, urls: list[str]) -> None:
    crawl(urls)
    for _ in range(2):
        assert count(crawl(urls, refresh="revalidate")) == (0, 4, 0)
    assert [site.hits[f"/{n}.jpg"] for n in range(4)] == [3] * 4
    assert [site.unchanged[f"/{n}.jpg"] for n in range(4)] == [2] * 4


def test_changed_content_is_a_new_image_beside_the_old_one(
    site: Site, crawl: Crawl, urls: list[str], session: Session
) -> None:
    crawl(urls)
    tag(site, "/1.jpg", 7, version=2)
    assert count(crawl(urls, refresh="revalidate")) == (1, 3, 0)
    of_address = select(Image).where(Image.original_url == urls[1]).order_by(Image.id)
    old, new = session.scalars(of_address).all()
    assert (old.is_duplicate, new.is_duplicate) == (False, False)
    assert old.sha256 != new.sha256
    assert count(crawl(urls)) == (0, 4, 0)
    latest = session.scalars(of_address).all()[-1]
    assert latest.duplicate_of == new.id


def test_everything_is_downloaded_where_that_is_asked_for(
    site: Site, crawl: Crawl, urls: list[str]
) -> None:
    crawl(urls)
    assert count(crawl([*urls, urls[0]], refresh="always")) == (0, 5, 0)
    assert (site.hits["/0.jpg"], site.hits["/1.jpg"]) == (3, 2)
    assert not site.unchanged


def test_an_address_without_validators_is_downloaded_to_be_checked(
    site: Site, crawl: Crawl
) -> None:
    url = site.put("/plain.jpg", photo(0))
    kept_out = site.put(
        "/private.jpg", photo(1), headers=[("ETag", '"1"'), ("Cache-Control", "no-store")]
    )
    crawl([url, kept_out])
    assert count(crawl([url, kept_out], refresh="revalidate")) == (0, 2, 0)
    assert (site.hits["/plain.jpg"], site.hits["/private.jpg"]) == (2, 2)
    assert not site.unchanged


def test_duplicates_have_what_the_entries_of_their_crawl_say(
    crawl: Crawl, urls: list[str], person: Person, session: Session
) -> None:
    crawl([urls[0], {"url": urls[1], "label": "cat"}])
    crawl([{"url": urls[0], "label": "dog", "license": "CC0"}, {"url": urls[1], "label": "x"}])
    images = session.scalars(select(Image).order_by(Image.id)).all()
    assert [one.label for one in images] == ["dog", "cat", "dog", "x"]
    assert [one.license for one in images] == ["CC0", None, "CC0", None]
    assert [one.duplicate_of for one in images[2:]] == [images[0].id, images[1].id]
    first, again = images[0], images[2]
    assert (again.file_path, again.width, again.phash) == (
        first.file_path,
        first.width,
        first.phash,
    )
    assert again.image_hash is None
    assert again.processed_path == first.processed_path
    thumbnails = select(func.count()).select_from(ImageVariant)
    assert session.scalar(thumbnails) == 4


def test_an_address_that_brought_a_copy_is_known_too(
    site: Site, crawl: Crawl, urls: list[str]
) -> None:
    copy = site.put("/copy.jpg", photo(0))
    crawl([urls[0]])
    assert count(crawl([copy])) == (0, 1, 0)
    before = site.hits.copy()
    assert count(crawl([copy, urls[0]])) == (0, 2, 0)
    assert site.hits == before


def test_a_redirect_is_known_by_its_first_address_and_asked_at_its_last(
    site: Site, crawl: Crawl, urls: list[str]
) -> None:
    moved = site.put("/moved", b"", status=302, headers=[("Location", "/0.jpg")])
    crawl([moved])
    assert count(crawl([moved])) == (0, 1, 0)
    assert site.hits["/moved"] == 1
    assert count(crawl([moved], refresh="revalidate")) == (0, 1, 0)
    assert (site.hits["/moved"], site.unchanged["/0.jpg"]) == (2, 1)
    site.put("/moved", b"", status=302, headers=[("Location", "/2.jpg")])
    assert count(crawl([moved], refresh="revalidate")) == (1, 0, 0)


def test_one_spelling_of_an_address_stands_for_all(site: Site, crawl: Crawl) -> None:
    site.put("/a b.jpg".replace(" ", "%20"), photo(0))
    spellings = [f"{site.base_url}/a b.jpg", f"{site.base_url}/x/../a%20b.jpg#part"]
    assert count(crawl(spellings)) == (1, 1, 0)
    assert site.hits["/a%20b.jpg"] == 1
    assert count(crawl([f"{site.base_url}/a%20b.jpg?v=2"])) == (0, 1, 0)
    assert site.hits["/a%20b.jpg"] == 2


def test_an_address_that_a_list_names_twice_is_asked_once(
    site: Site, crawl: Crawl, urls: list[str], reasons: Any
) -> None:
    missing = f"{site.base_url}/missing.jpg"
    job = crawl([urls[0], missing, urls[0], missing, {"url": urls[0], "sha256": "0" * 64}])
    assert count(job) == (1, 1, 3)
    assert reasons(job) == {"http_404": 2, "checksum_mismatch": 1}
    assert (site.hits["/0.jpg"], site.hits["/missing.jpg"]) == (1, 1)


def test_without_dedup_a_list_may_name_an_address_twice_and_a_second_crawl_brings_duplicates(
    site: Site, crawl: Crawl, urls: list[str]
) -> None:
    assert count(crawl([urls[0], urls[0], urls[1], urls[0]], dedup="none", chunk_size=2)) == (
        4,
        0,
        0,
    )
    assert count(crawl([urls[0], urls[0]], dedup="none")) == (0, 2, 0)
    assert site.hits["/0.jpg"] == 1


def test_checksums_are_compared_with_what_is_known(
    site: Site, crawl: Crawl, urls: list[str], reasons: Any, session: Session
) -> None:
    crawl(urls[:1])
    known = session.scalars(select(Image.sha256)).one()
    assert count(crawl([{"url": urls[0], "sha256": known}])) == (0, 1, 0)
    assert site.hits["/0.jpg"] == 1
    job = crawl([{"url": urls[0], "sha256": "0" * 64}])
    assert (count(job), reasons(job)) == ((0, 0, 1), {"checksum_mismatch": 1})
    assert (site.hits["/0.jpg"], site.unchanged["/0.jpg"]) == (2, 1)
    tag(site, "/0.jpg", 5, version=2)
    crawl([site.put("/other.jpg", photo(5))])
    wanted = session.scalars(select(Image.sha256).order_by(Image.id)).all()[-1]
    assert count(crawl([{"url": urls[0], "sha256": wanted}])) == (0, 1, 0)
    assert (site.hits["/0.jpg"], site.unchanged["/0.jpg"]) == (3, 1)


def test_what_is_too_small_is_known_to_be(
    site: Site, crawl: Crawl, urls: list[str], reasons: Any
) -> None:
    for _ in range(2):
        job = crawl(urls[:1], min_width=500)
        assert (count(job), reasons(job)) == ((0, 0, 1), {"too_small": 1})
    assert site.hits["/0.jpg"] == 1
    assert count(crawl(urls[:1])) == (1, 0, 0)
    assert site.hits["/0.jpg"] == 2
    job = crawl(urls[:1], min_width=500)
    assert (count(job), reasons(job)) == ((0, 0, 1), {"too_small": 1})
    assert site.hits["/0.jpg"] == 2


def test_variants_are_made_of_what_is_not_downloaded(
    site: Site, crawl: Crawl, urls: list[str], session: Session
) -> None:
    crawl(urls[:1], variants=[])
    original = session.scalars(select(Image.id)).one()
    crawl(urls[:1])
    crawl(urls[:1], variants=[{"name": "small", "width": 32}])
    names = select(ImageVariant.name).where(ImageVariant.image_id == original)
    assert set(session.scalars(names)) == {"thumbnail", "small"}
    assert site.hits["/0.jpg"] == 1


def test_analyses_are_of_the_originals(crawl: Crawl, urls: list[str]) -> None:
    crawl(urls)
    job = crawl(urls, analyze=["basic"])
    assert job["work"]["analyses"] == {"total": 4, "done": 4, "failed": 0}


def test_a_crawl_that_heeds_more_wishes_asks_again(
    site: Site, crawl: Crawl, urls: list[str]
) -> None:
    for asked in (1, 1):
        crawl(urls[:1], rights="ignore", respect_robots=False)
        assert site.hits["/0.jpg"] == asked
    assert count(crawl(urls[:1], rights="ignore")) == (0, 1, 0)
    assert site.unchanged["/0.jpg"] == 1  # robots.txt allows it, and that was all to be asked
    for asked in (3, 3):
        assert count(crawl(urls[:1])) == (0, 1, 0)
        assert site.hits["/0.jpg"] == asked  # once more for what the file says itself
    assert site.unchanged["/0.jpg"] == 1


def test_a_site_that_opts_out_is_noted_and_keeps_its_earlier_image(
    site: Site, crawl: Crawl, urls: list[str], person: Person, reasons: Any, project: str
) -> None:
    crawl(urls)
    site.put("/robots.txt", b"User-agent: *\nContent-Usage: train-ai=n\n", "text/plain")
    job = crawl(urls, refresh="revalidate")
    assert (count(job), reasons(job)) == ((0, 0, 4), {"opted_out": 4})
    assert len(person.get(f"/v1/projects/{project}/images")["items"]) == 4
    assert count(crawl(urls)) == (0, 4, 0)
    site.put("/robots.txt", b"User-agent: *\nDisallow: /1.jpg\n", "text/plain")
    job = crawl(urls, refresh="revalidate")
    assert (count(job), reasons(job)) == ((0, 3, 1), {"robots": 1})


def test_what_was_asked_is_in_the_ledger_and_what_was_not_is_not(
    crawl: Crawl, urls: list[str], person: Person
) -> None:
    crawl(urls[:1])
    for refresh, is_noted in (("skip", False), ("revalidate", True)):
        job = crawl(urls[:1], refresh=refresh)
        listed = person.get(f"/v1/projects/{job['project_id']}/images?crawl_job_id={job['id']}")
        (image,) = listed["items"]
        assert bool(person.get(f"/v1/images/{image['id']}/rights")["items"]) is is_noted


def test_a_content_that_is_gone_is_downloaded_again(
    site: Site, crawl: Crawl, urls: list[str], person: Person, system: System
) -> None:
    job = crawl(urls[:1])
    assert person.request("DELETE", f"/v1/crawl-jobs/{job['id']}").status_code == 204
    system.drain()
    assert count(crawl(urls[:1], refresh="revalidate")) == (1, 0, 0)
    assert (site.hits["/0.jpg"], site.unchanged["/0.jpg"]) == (2, 0)


def test_another_project_knows_nothing(
    site: Site, crawl: Crawl, urls: list[str], person: Person, system: System
) -> None:
    crawl(urls[:1])
    other = person.post("/v1/projects", {"name": "Other"})["id"]
    source = {"type": "urls", "urls": urls[:1]}
    person.post(f"/v1/projects/{other}/crawl-jobs", {"name": "x", "source": source}, 202)
    system.drain()
    assert site.hits["/0.jpg"] == 2


def test_the_memory_holds_one_row_for_each_address(
    crawl: Crawl, urls: list[str], session: Session
) -> None:
    for refresh in ("skip", "skip", "revalidate", "always"):
        crawl(urls, refresh=refresh)
    assert session.scalar(select(func.count()).select_from(AddressRecord)) == len(urls)
