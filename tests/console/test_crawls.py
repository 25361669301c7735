"""Crawls as a person starts and follows them."""

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.browsing import Visitor
from tests.sites import Site, photo

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def project(somebody: Visitor) -> str:
    """Return the id of a project of somebody who looks at it."""
    return str(somebody.post("/v1/projects", {"name": "Street cats"})["id"])


def put_photos(site: Site, folder: str, count: int) -> list[str]:
    """Serve photographs of this test alone; return their addresses."""
    return [site.put(f"/{folder}/{n}.jpg", photo(n)) for n in range(count)]


def start_crawl(somebody: Visitor, project: str, urls: list[Any], **options: Any) -> str:
    """Start a crawl over the API; return its id."""
    source = {"type": "urls", "urls": urls}
    body = {"name": "Cats", "source": source, "options": options}
    return str(somebody.post(f"/v1/projects/{project}/crawl-jobs", body)["id"])


def expect_status(page: Page, status: str) -> None:
    """Wait until the crawl that is shown is in this state."""
    expect(page.locator(".crawl-about .badge")).to_have_text(status, timeout=30_000)


def get_counter(page: Page, name: str) -> Any:
    """Return the element of a crawl's number."""
    return page.locator(".stat", has_text=name).locator("dd")


def test_pages_from_the_form_to_pictures(somebody: Visitor, project: str, photo_site: Site) -> None:
    page = somebody.page
    pictures = "".join(f'<img src="{url}">' for url in put_photos(photo_site, "walk", 12))
    second = photo_site.page("/walk/second", pictures)
    first = photo_site.page("/walk/first", f'<a href="{second}">more</a><img src="/walk/none.jpg">')
    somebody.go(f"/projects/{project}/crawls")
    expect(page.get_by_text("Where are your images?")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("sources-empty")
    page.get_by_role("link", name="Web pages").click()
    page.get_by_label("Pages", exact=True).fill(first)
    page.get_by_label("Which pages").select_option("And the pages that they link to")
    page.get_by_label("Label").locator("visible=true").fill(SCRIPT)
    expect(page.get_by_text("Links are followed 1 step deep")).to_be_visible()
    page.get_by_text("More options").click()
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-new-pages")
    page.get_by_role("button", name="Start the crawl").click()
    expect_status(page, "completed")
    expect(get_counter(page, "New images")).to_have_text("12")
    expect(get_counter(page, "Failed")).to_have_text("1")
    expect(page.locator(".arrival img")).to_have_count(12)
    assert page.locator(".arrival img").first.get_attribute("alt") == SCRIPT
    expect(page.locator(".shares")).to_contain_text("127.0.0.1")
    expect(page.locator(".event-log")).to_contain_text("Done: 12 new images")
    page.get_by_text("It is gone (404)").click()
    expect(page.get_by_role("link", name="/walk/none.jpg")).to_be_visible()
    page.get_by_role("slider", name="Parts of the crawl").focus()
    page.keyboard.press("End")
    expect(page.locator(".chunk-tip")).to_contain_text("12 brought an image, 1 failed")
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-done", full=True)
    page.get_by_role("link", name="Sources").first.click()
    expect(page.get_by_role("row", name="completed")).to_contain_text("12")
    somebody.check_accessibility()
    somebody.take_screenshots("sources")


def test_a_table_whose_columns_are_mapped(
    somebody: Visitor, project: str, photo_site: Site, tmp_path: Path
) -> None:
    page = somebody.page
    lines = [
        f'{url},"cat, ""black""",tabby {n}'
        for n, url in enumerate(put_photos(photo_site, "table", 6))
    ]
    file = tmp_path / "pictures.csv"
    file.write_text("\n".join(["Where it lies,kind,category", *lines]))
    somebody.go(f"/projects/{project}/crawls/new?type=file")
    page.get_by_label("Table", exact=True).set_input_files(file)
    expect(page.get_by_text("6 rows")).to_be_visible()
    expect(page.get_by_role("cell", name='cat, "black"').first).to_be_visible()
    page.get_by_role("button", name="Start the crawl").click()
    expect(page.get_by_role("alert").last).to_contain_text("which column holds the addresses")
    page.get_by_label("What Where it lies holds").select_option("Address")
    page.get_by_label("What kind holds").select_option("Label")
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-new-table")
    page.get_by_role("button", name="Start the crawl").click()
    expect_status(page, "completed")
    expect(get_counter(page, "New images")).to_have_text("6")
    images = somebody.get(f"/v1/projects/{project}/images")["items"]
    assert {image["label"] for image in images} == {'cat, "black"'}
    assert {image["metadata"]["category"] for image in images} == {f"tabby {n}" for n in range(6)}


def test_pasted_addresses_and_why_they_fail(
    somebody: Visitor, project: str, photo_site: Site
) -> None:
    page = somebody.page
    (good,) = put_photos(photo_site, "pasted", 1)
    bad = photo_site.put("/pasted/page", b"<p>not found</p>", "text/html")
    somebody.go(f"/projects/{project}/crawls/new?type=urls")
    page.get_by_label("Addresses of images").fill(
        f"{good}, a cat\n{bad}\nnonsense\nhttp://10.0.0.1/"
    )
    expect(page.get_by_text("3 addresses with 1 label.")).to_be_visible()
    expect(page.get_by_text("1 line is no address and left out: line 3.")).to_be_visible()
    page.get_by_role("button", name="Start the crawl").click()
    expect_status(page, "completed")
    page.get_by_text("It leads to a private network").click()
    expect(page.get_by_text("single ports of its own machine")).to_be_visible()
    expect(page.get_by_text("It is something else, such as a page")).to_be_visible()
    assert somebody.get(f"/v1/projects/{project}/images")["items"][0]["label"] == "a cat"


def test_words_are_refused_where_they_cannot_be_searched(somebody: Visitor, project: str) -> None:
    page = somebody.page
    somebody.go(f"/projects/{project}/crawls/new")
    page.get_by_role("button", name="Start the crawl").click()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.get_by_text("By category, with labels").click()
    page.get_by_label("Label", exact=True).fill("cat")
    page.get_by_label("Words", exact=True).last.fill("tabby, siamese")
    expect(page.get_by_text("2 words are searched for: tabby, siamese.")).to_be_visible()
    page.get_by_label("Only these").check()
    for name in ("Openverse", "Wikimedia Commons"):
        page.get_by_label(name).uncheck()
    page.get_by_label("Google").check()
    somebody.check_accessibility()
    somebody.take_screenshots("crawl-new-keywords")
    page.get_by_role("button", name="Start the crawl").click()
    expect(page.get_by_role("alert")).to_contain_text("Google is not set up here")
    somebody.forgive("422")


def test_cancel_retry_and_delete(somebody: Visitor, project: str, photo_site: Site) -> None:
    page = somebody.page
    gate = threading.Event()
    slow = [photo_site.put(f"/slow/{n}.jpg", photo(n), gate=gate) for n in (20, 21)]
    quick = put_photos(photo_site, "quick", 4)
    job = start_crawl(somebody, project, [*quick, *slow], chunk_size=2)
    somebody.go(f"/crawls/{job}")
    expect_status(page, "running")
    expect(page.locator(".arrival img")).to_have_count(4)
    expect(page.get_by_role("slider", name="Parts of the crawl")).to_have_attribute(
        "aria-valuemax", "3"
    )
    somebody.take_screenshots("crawl-running")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the crawl").click()
    expect_status(page, "cancelled")
    gate.set()
    page.get_by_role("button", name="Retry").click()
    expect_status(page, "completed")
    expect(get_counter(page, "New images")).to_have_text("6")
    expect(page.locator(".event-log")).to_contain_text("Retried")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the crawl").click()
    expect(page.get_by_text("Where are your images?")).to_be_visible()
    assert somebody.get(f"/v1/projects/{project}/crawl-jobs")["items"] == []


def test_a_crawl_that_is_deleted_elsewhere(
    somebody: Visitor, project: str, photo_site: Site
) -> None:
    page = somebody.page
    gate = threading.Event()
    job = start_crawl(somebody, project, [photo_site.put("/held.jpg", photo(1), gate=gate)])
    somebody.go(f"/crawls/{job}")
    expect_status(page, "running")
    somebody.post(f"/v1/crawl-jobs/{job}/cancel", {})
    assert somebody.client.delete(f"/v1/crawl-jobs/{job}").status_code == 204
    gate.set()
    expect(page.get_by_text("Somebody deleted this crawl")).to_be_visible()
    page.get_by_role("link", name="To the sources").click()
    expect(page.get_by_text("Where are your images?")).to_be_visible()
    somebody.forgive("404")


def test_what_repeats_is_listed_and_stopped(
    somebody: Visitor, project: str, photo_site: Site
) -> None:
    page = somebody.page
    start_crawl(somebody, project, put_photos(photo_site, "daily", 1), every="1d")
    somebody.go(f"/projects/{project}/crawls")
    expect(page.get_by_text("Every day, next")).to_be_visible()
    somebody.check_accessibility()
    page.get_by_role("button", name="Stop repeating Cats").click()
    page.get_by_role("button", name="Stop repeating", exact=True).click()
    expect(page.get_by_text("Every day, next")).to_have_count(0)
    assert somebody.get(f"/v1/projects/{project}/schedules")["items"] == []


def test_a_crawl_that_is_not_there(somebody: Visitor) -> None:
    somebody.go("/crawls/00000000-0000-7000-8000-000000000000")
    expect(somebody.page.get_by_text("It was deleted, or it is not yours.")).to_be_visible()
    somebody.forgive("404")
