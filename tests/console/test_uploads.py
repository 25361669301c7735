"""Files and folders that a person sends to a project."""

import base64
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.console.browsing import Visitor
from tests.sites import photo

_DROP = """
([files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, data] of files) {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const target = document.querySelector("main");
  const given = { dataTransfer: transfer, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, given));
}
"""


@pytest.fixture
def page(somebody: Visitor) -> Page:
    """Return the sources of a new project."""
    project = somebody.post("/v1/projects", {"name": "Pets"})["id"]
    somebody.go(f"/projects/{project}/crawls")
    expect(somebody.page.get_by_text("Where are your images?")).to_be_visible()
    return somebody.page


def list_images(somebody: Visitor) -> list[dict[str, object]]:
    """Return the images of the newest project."""
    project = somebody.get("/v1/projects")["items"][0]["id"]
    return list(somebody.get(f"/v1/projects/{project}/images", limit=200)["items"])


def drop(page: Page, files: dict[str, tuple[str, bytes]]) -> None:
    """Drop files on the page, by name, with their media types."""
    given = [
        [name, media_type, base64.b64encode(data).decode()]
        for name, (media_type, data) in files.items()
    ]
    page.evaluate(_DROP, [given])


def test_a_folder_of_sixty_images(somebody: Visitor, page: Page, tmp_path: Path) -> None:
    for at, name in enumerate(("cats", "dogs")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for n in range(30):
            (tmp_path / "pets" / name / f"{n}.jpg").write_bytes(photo(30 * at + n))
    (tmp_path / "pets" / "notes.txt").write_text("They are all good.")
    (tmp_path / "pets" / "cats" / ".DS_Store").write_text("of no use")
    page.get_by_role("link", name="Add images").or_(
        page.get_by_role("link", name="Collect from the web")
    ).first.click()
    expect(page.get_by_role("button", name="Upload a folder")).to_be_visible()
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "pets")
    expect(page.get_by_role("heading", name="Upload 60 images to “Pets”")).to_be_visible()
    page.get_by_text("1 file will not be sent").click()
    expect(page.get_by_text("pets/notes.txt: it is no image.")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("upload")
    page.get_by_label("The name of its folder").check()
    page.get_by_role("button", name="Upload 60 images").click()
    expect(page.get_by_text("Uploading 60 images")).to_be_visible()
    page.get_by_role("link", name="Projects").first.click()
    expect(page.get_by_role("heading", name="Projects", level=1)).to_be_visible()
    expect(page.get_by_text("60 images uploaded")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("uploaded")
    labels = Counter(image["label"] for image in list_images(somebody))
    assert labels == {"cats": 30, "dogs": 30}
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".dock")).to_have_count(0)


def test_a_drop_is_judged_by_content(somebody: Visitor, page: Page) -> None:
    drop(
        page,
        {
            "photo.jpg": ("image/jpeg", photo(1)),
            "really a PNG.jpg": ("image/jpeg", photo(2, "png")),
            "page.jpg": ("image/jpeg", b"<p>not found</p>"),
            "empty.png": ("image/png", b""),
            "drawing.svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        },
    )
    expect(page.get_by_role("heading", name="Upload 2 images to “Pets”")).to_be_visible()
    page.get_by_text("3 files will not be sent").click()
    for sentence in (
        "page.jpg: it is no image.",
        "empty.png: there is not one byte in it.",
        "drawing.svg: a drawing (SVG) is not read here: save it as PNG.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_label("The same for all").check()
    page.get_by_label("Label of all").fill("<b>cat</b>")
    page.get_by_role("button", name="Upload 2 images").click()
    expect(page.get_by_text("2 images uploaded")).to_be_visible()
    found = list_images(somebody)
    assert {image["label"] for image in found} == {"<b>cat</b>"}
    assert {image["mime_type"] for image in found} == {"image/jpeg", "image/png"}


def test_what_fails_is_named_and_sent_again(somebody: Visitor, page: Page) -> None:
    address = "**/uploads/**"

    def refuse(route: Route) -> None:
        if route.request.method == "PUT":
            route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.continue_()

    page.route(address, refuse)
    drop(page, {f"{n}.jpg": ("image/jpeg", photo(n)) for n in range(3)})
    page.get_by_role("button", name="Upload 3 images").click()
    expect(page.get_by_text("3 images of 3 not uploaded")).to_be_visible()
    expect(page.get_by_text("The bucket refused the file (403).").first).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("upload-failed")
    page.unroute(address)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("3 images uploaded")).to_be_visible()
    somebody.forgive("403")


def test_leaving_is_warned_about_while_files_are_sent(page: Page) -> None:
    held: list[Route] = []
    page.route("**/uploads/**", lambda route: held.append(route))
    drop(page, {"photo.jpg": ("image/jpeg", photo(1))})
    page.get_by_role("button", name="Upload 1 image").click()
    expect(page.get_by_text("Uploading 1 image")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("button", name="Details").click()  # browsers ask only who has touched the page
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
