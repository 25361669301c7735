"""The quality page: limits that are tried before a validation starts."""

from playwright.sync_api import expect

from tests.console.browsing import Visitor
from tests.sites import Site, photo


def test_try_limits_then_validate(somebody: Visitor, photo_site: Site) -> None:
    small = [photo_site.put(f"/small/{n}.jpg", photo(n, side=60)) for n in range(30, 34)]
    copies = [photo_site.put("/copies/0.jpg", photo(0))]
    project = somebody.collect([*photo_site.photos(12), *small, *copies])
    page = somebody.page
    somebody.go(f"/projects/{project}/quality")
    expect(page.locator(".would-fail")).to_contain_text("0 of 16 images")
    expect(page.locator(".copy-groups li")).to_have_count(1)
    limit = page.get_by_role("slider", name="Width: at least")
    limit.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    expect(page.locator(".would-fail strong")).not_to_have_text("0")
    failing = int(page.locator(".would-fail strong").inner_text())
    assert failing >= 4
    somebody.check_accessibility()
    somebody.take_screenshots("quality")
    page.get_by_role("button", name="Validate with these limits").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("The validation runs.")).to_be_visible()
    (crawl,) = somebody.get(f"/v1/projects/{project}/crawl-jobs")["items"]
    (job,) = somebody.get(f"/v1/crawl-jobs/{crawl['id']}/validation-jobs")["items"]
    job = somebody.await_end(f"/v1/validation-jobs/{job['id']}")
    assert job["invalid_images"] == failing
    expect(page.get_by_text(f"Validated: {failing} images failed.")).to_be_visible()
    page.get_by_role("button", name="See them").click()
    expect(page.get_by_role("status").filter(has_text=f"{failing} images")).to_be_visible()


def test_nothing_to_measure(somebody: Visitor) -> None:
    project = somebody.post("/v1/projects", {"name": "Empty"})["id"]
    somebody.go(f"/projects/{project}/quality")
    expect(somebody.page.get_by_text("Nothing to measure yet")).to_be_visible()
