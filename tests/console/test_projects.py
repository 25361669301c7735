"""The list of projects."""

from playwright.sync_api import expect

from tests.console.browsing import Visitor

SCRIPT = "<img src=x onerror=alert(1)>"


def test_make_rename_and_delete(somebody: Visitor) -> None:
    page = somebody.page
    page.get_by_role("button", name="Make the first project").click()
    page.get_by_label("Name").fill("Red pandas")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Red pandas", level=1)).to_be_visible()
    page.get_by_role("link", name="Projects").first.click()
    page.get_by_role("button", name="Rename Red pandas").click()
    page.get_by_role("textbox", name="Name").fill("Pandas")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Pandas")).to_be_visible()
    page.get_by_role("button", name="Delete Pandas").click()
    page.get_by_role("button", name="Delete the project").click()
    expect(page.get_by_text("No project yet")).to_be_visible()
    assert somebody.get("/v1/projects")["items"] == []


def test_hostile_and_long_names_are_text(somebody: Visitor) -> None:
    for name in (SCRIPT, ("Bundesausbildungsförderungsgesetz" * 7)[:200], "short"):
        somebody.post("/v1/projects", {"name": name})
    somebody.page.reload()
    expect(somebody.page.get_by_role("heading", name=SCRIPT)).to_be_visible()
    assert somebody.page.locator("img[src='x']").count() == 0
    somebody.check_accessibility()
    somebody.take_screenshots("projects")


def test_a_view_that_is_not_there(somebody: Visitor) -> None:
    somebody.go("/nowhere")
    expect(somebody.page.get_by_text("The address leads nowhere")).to_be_visible()
