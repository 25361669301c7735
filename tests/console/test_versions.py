"""Versions, what is different between two, and exports to the downloaded file."""

import zipfile

from playwright.sync_api import expect

from tests.console.browsing import Visitor
from tests.sites import Site


def test_from_pictures_to_a_downloaded_dataset(somebody: Visitor, photo_site: Site) -> None:
    labelled = [
        {"url": url, "label": ("brick", "cat")[n % 2]}
        for n, url in enumerate(photo_site.photos(20))
    ]
    project = somebody.collect(labelled, "Bricks and cats")
    page = somebody.page
    somebody.go(f"/projects/{project}/versions")
    _freeze(somebody, "first")
    (image, *_) = somebody.get(f"/v1/projects/{project}/images", label="cat")["items"]
    somebody.client.patch(f"/v1/images/{image['id']}", json={"label": "brick"})
    _freeze(somebody, "second")
    somebody.check_accessibility()
    somebody.take_screenshots("versions")

    page.get_by_label("Compare first").check()
    page.get_by_label("Compare second").check()
    page.get_by_role("button", name="Compare two").click()
    expect(page.locator("del")).to_have_text("cat")
    expect(page.locator("ins")).to_have_text("brick")
    somebody.check_accessibility()
    somebody.take_screenshots("compare")

    page.get_by_role("link", name="Versions").first.click()
    page.get_by_role("link", name="second").click()
    expect(page.get_by_role("heading", name="Labels in each split")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("version")

    page.get_by_role("button", name="Export").click()
    page.get_by_label("Size of the images").fill("64")
    expect(page.get_by_text("20 images, about")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("export-dialog")
    page.get_by_role("button", name="Export").last.click()
    link = page.get_by_role("button", name="Download")
    expect(link).to_be_visible(timeout=60_000)
    page.reload()  # the list says nothing of where the file is
    expect(link).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("exports")
    with page.expect_download() as downloading:
        link.click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(pictures) == 20


def _freeze(somebody: Visitor, name: str) -> None:
    page = somebody.page
    page.get_by_role("button", name="New version").or_(
        page.get_by_role("button", name="Make the first version")
    ).first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Freeze").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name))
    expect(row.get_by_text("completed")).to_be_visible(timeout=60_000)
