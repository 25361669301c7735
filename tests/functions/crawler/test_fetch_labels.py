"""Entries that say different things of one image: nothing is lost without a word."""

from collections.abc import Callable
from typing import Any

from tests.harness import Person
from tests.sites import Site, photo

Crawl = Callable[..., Any]


def test_an_address_with_two_labels_is_an_image_and_its_duplicate(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    url, other = site.photos(2)
    labels = ("cat", "animal", "cat", None)
    entries = [{"url": url, **({"label": one} if one else {})} for one in labels]
    job = crawl([*entries, {"url": other, "label": "dog"}], chunk_size=2)
    assert (job["total_images"], job["downloaded_images"], job["duplicate_images"]) == (5, 2, 3)
    assert "another label or caption than an entry before: 1." in job["error"]
    images = person.get(f"/v1/projects/{project}/images?label=animal")["items"]
    assert [(one["is_duplicate"], one["original_url"]) for one in images] == [(True, url)]
    (conflict,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["conflicting_entries"]
    assert conflict == {
        "image_id": images[0]["id"],
        "url": url,
        "label": "animal",
        "caption": None,
        "kept_image_id": images[0]["duplicate_of"],
        "kept_label": "cat",
        "kept_caption": None,
    }


def test_equal_files_count_as_equal_addresses_do(site: Site, crawl: Crawl, person: Person) -> None:
    first, copy = site.photos(1)[0], site.put("/copy.jpg", photo(0))
    job = crawl([{"url": first, "caption": "A wall"}, {"url": copy, "caption": "Bricks"}])
    (conflict,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["conflicting_entries"]
    assert (conflict["url"], conflict["caption"], conflict["kept_caption"]) == (
        copy,
        "Bricks",
        "A wall",
    )


def test_what_another_job_said_is_no_conflict(site: Site, crawl: Crawl, person: Person) -> None:
    (url,) = site.photos(1)
    crawl([{"url": url, "label": "cat"}])
    job = crawl([{"url": url, "label": "animal"}])
    assert job["error"] is None
    again = crawl([{"url": url, "label": "animal"}, {"url": url, "label": "dog"}])
    (conflict,) = person.get(f"/v1/crawl-jobs/{again['id']}/report")["conflicting_entries"]
    assert (conflict["label"], conflict["kept_label"]) == ("dog", "animal")


def test_without_dedup_every_entry_is_an_image(site: Site, crawl: Crawl, person: Person) -> None:
    (url,) = site.photos(1)
    entries = [{"url": url, "label": "cat"}, {"url": url, "label": "animal"}]
    job = crawl(entries, dedup="none")
    assert (job["downloaded_images"], job["error"]) == (2, None)
    assert person.get(f"/v1/crawl-jobs/{job['id']}/report")["conflicting_entries"] == []


def test_captions_of_pages_are_no_conflict(site: Site, crawl: Crawl) -> None:
    site.put("/copy.jpg", photo(0))
    site.photos(1)
    page = site.page("/", "<img src=/photos/0.jpg alt=Wall><img src=/copy.jpg alt=Bricks>")
    job = crawl({"type": "pages", "pages": [page]})
    assert (job["duplicate_images"], job["error"]) == (1, None)
