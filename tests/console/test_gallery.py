"""The images of a project: filters, keys, many at once, and what is known about one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.console.browsing import Visitor
from tests.console.pictures import PictureStore
from tests.stacks import RunningStack

SCRIPT = "<img src=x onerror=alert(1)>"
LONG = "Bundesausbildungsförderungsgesetz" * 7 + ".jpg"


@pytest.fixture
def project(somebody: Visitor) -> str:
    """Return a project of somebody who is signed in."""
    return str(somebody.post("/v1/projects", {"name": "Landscapes"})["id"])


@pytest.fixture
def store(stack: RunningStack, project: str) -> Iterator[PictureStore]:
    """Yield what writes images of the project."""
    store = PictureStore(stack.addresses, project)
    yield store
    store.close()


def open_gallery(visitor: Visitor, project: str, query: str = "") -> Page:
    """Show a project's images, and return when some are there."""
    visitor.go(f"/projects/{project}{query}")
    expect(visitor.page.locator(".tile.loaded").first).to_be_visible()
    return visitor.page


def list_values(visitor: Visitor, project: str, name: str, **query: object) -> list[object]:
    """Return one property of all images, newest first."""
    images = visitor.get(f"/v1/projects/{project}/images", limit=200, **query)["items"]
    return [one[name] for one in images]


def test_label_reject_and_undo_by_keys(
    somebody: Visitor, project: str, store: PictureStore
) -> None:
    store.add(40, label="sea")
    store.add(20, label="dune")
    page = open_gallery(somebody, project)
    expect(page.locator(".label-keys button")).to_have_text(["1sea", "2dune"])
    page.locator(".tile[data-index='0']").focus()
    for key in ("ArrowRight", "1"):  # the label with most images
        page.keyboard.press(key)
    expect(page.locator(".tile[data-index='1'] .tile-text")).to_have_text("sea")
    for key in ("ArrowRight", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Blurry").click()
    expect(page.locator(".tile[data-index='2']")).to_have_class(re.compile("rejected"))
    for key in ("ArrowRight", "x"):  # the reason is known now
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="as “Blurry”")).to_be_visible()
    expect(page.locator(".list-note")).to_have_count(0)  # no filter asks whether it is rejected
    expect(page.locator(".tile.rejected")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.locator(".tile.rejected")).to_have_count(1)
    expect(page.get_by_text("Undone: 1 image rejected.")).to_be_visible()
    assert list_values(somebody, project, "label")[:3] == ["dune", "sea", "dune"]
    assert list_values(somebody, project, "reject_reason")[:4] == [None, None, "Blurry", None]
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(page.get_by_text("Undone: 1 image labelled “sea”.")).to_be_visible()
    assert list_values(somebody, project, "label")[1] == "dune"
    lost = list_values(somebody, project, "id")[4]
    somebody.client.delete(f"/v1/images/{lost}")  # in another tab
    page.locator(".tile[data-index='4']").focus()
    page.keyboard.press("1")
    expect(page.get_by_text("1 image had been deleted elsewhere.")).to_be_visible()
    expect(page.locator(".gallery-title")).to_contain_text("59 images")
    somebody.forgive("404")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    somebody.check_accessibility()


def test_choose_and_change_many(somebody: Visitor, project: str, store: PictureStore) -> None:
    store.add(330, label="sea")
    store.add(30, label="dune")
    page = open_gallery(somebody, project, "?label=sea")
    page.locator(".tile[data-index='0']").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("chosen", exact=False).first).to_have_text(re.compile(r"^\d+ chosen"))
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    expect(page.get_by_text("330 chosen")).to_be_visible()
    page.get_by_role("button", name="Label", exact=True).click()
    page.get_by_role("combobox", name="Label").fill("lake")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("330 images labelled “lake”.")).to_be_visible()
    assert len(list_values(somebody, project, "id", label="sea")) == 0
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 330 images labelled “lake”.")).to_be_visible()
    assert len(list_values(somebody, project, "id", label="lake")) == 0
    assert len(list_values(somebody, project, "id", label="dune")) == 30
    page.locator(".tile[data-index='3'] .tile-box").click()
    page.locator(".tile[data-index='7'] .tile-box").click(modifiers=["Shift"])
    expect(page.get_by_text("5 chosen")).to_be_visible()
    somebody.take_screenshots("gallery-chosen")


def test_filters_live_in_the_address(somebody: Visitor, project: str, store: PictureStore) -> None:
    store.add(30, label="sea")
    ids = store.add(8, label="dune")
    store.change(ids[0], status="failed", is_valid=False, failure_reason="not_an_image: text")
    page = open_gallery(somebody, project)
    title = page.locator(".gallery-title")
    expect(title).to_contain_text("38 images")
    page.get_by_role("button", name=re.compile("^dune")).click()
    expect(title).to_contain_text("8 images")
    page.get_by_role("button", name=re.compile("^Not valid")).click()
    expect(title).to_contain_text("1 image")
    expect(page.get_by_role("option", name=re.compile("something else"))).to_be_visible()
    assert "label=dune" in page.url
    assert "valid=false" in page.url
    page.go_back()
    expect(title).to_contain_text("8 images")
    page.get_by_role("button", name="Take away the filter Label: dune").click()
    expect(title).to_contain_text("38 images")
    page.get_by_label("Search").fill("nothing like this")
    page.get_by_label("Search").press("Enter")
    expect(page.get_by_text("No image passes these filters")).to_be_visible()
    somebody.check_accessibility()
    page.get_by_role("button", name="Clear the filters").click()
    expect(title).to_contain_text("38 images")
    open_gallery(somebody, project, "?format=jpeg&min_width=700&host=photos2.example.org")
    expect(page.get_by_text("Width ≥ 700 px")).to_be_visible()
    somebody.take_screenshots("gallery")


def test_one_image_and_what_is_known(somebody: Visitor, project: str, store: PictureStore) -> None:
    ids = store.add(6)
    store.change(ids[5], file_name=SCRIPT, label=SCRIPT, caption=SCRIPT, attribution=SCRIPT)
    store.change(ids[4], file_name=LONG, original_url="javascript:alert(1)", phash=12)
    store.change(ids[3], phash=13, is_duplicate=True, duplicate_of=ids[4])
    page = open_gallery(somebody, project)
    page.locator(".tile[data-index='0']").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="About the image")
    expect(panel.get_by_role("heading", name=SCRIPT)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("heading", name=LONG)).to_be_visible()
    expect(panel.get_by_text("javascript:alert(1)")).to_be_visible()
    assert panel.locator("a[href^='javascript']").count() == 0
    panel.get_by_role("button", name=re.compile("^Compare with .* 1 bit apart")).click()
    expect(page.get_by_text("1 bit of 64 differ")).to_be_visible()
    page.get_by_role("button", name="Close").last.click()
    panel.get_by_label("Label").fill("lake")
    panel.get_by_label("Label").press("Enter")
    expect(page.locator(".tile[data-index='1'] .tile-text")).to_have_text("lake")
    somebody.check_accessibility()
    somebody.take_screenshots("gallery-image")
    expect(page.locator("img[src='x']")).to_have_count(0)
    assert list_values(somebody, project, "label")[1] == "lake"
    somebody.client.delete(f"/v1/images/{ids[3]}")  # in another tab
    panel.get_by_role("button", name="Next image").click()
    expect(page.get_by_text("This image was deleted")).to_be_visible()
    expect(page.locator(".gallery-title")).to_contain_text("5 images")
    somebody.forgive("404")
    page.locator(".tile[data-index='0']").click()
    panel.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the image").click()
    expect(page.locator(".gallery-title")).to_contain_text("4 images")


def test_scroll_anywhere(somebody: Visitor, project: str, store: PictureStore) -> None:
    ids = store.add(1200)
    store.change(ids[0], label="the very first")
    page = open_gallery(somebody, project, "?size=72")
    expect(page.locator(".gallery-title")).to_contain_text("1,200 images")
    page.evaluate("document.querySelector('.grid-frame').scrollTop = 1e9")
    expect(page.get_by_role("option", name=re.compile("the very first"))).to_be_visible()
    view = page.evaluate(
        "[...document.querySelectorAll('.tile:not([hidden])')].filter((one) => {"
        " const box = one.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight"
        "}).length"
    )
    assert page.locator(".tile").count() <= 3 * view
    page.locator(".tile[data-index='1199']").focus()
    page.keyboard.press("Home")
    expect(page.locator(".tile[data-index='0']")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog", name="Preview, image 1 of 1,200")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Preview, image 2 of 1,200")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tile[data-index='1']")).to_be_focused()


def test_an_empty_project_leads_on(somebody: Visitor, project: str) -> None:
    somebody.go(f"/projects/{project}")
    page = somebody.page
    expect(page.get_by_text("Add the first images")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("gallery-empty")
    page.get_by_role("link", name="Collect from the web").click()
    expect(page).to_have_url(re.compile(r"/crawls/new$"))
