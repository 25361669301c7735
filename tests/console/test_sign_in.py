"""Signing in, making an account, and what is kept of it."""

from playwright.sync_api import expect

from tests.console.browsing import PASSWORD, Visitor


def test_sign_in_by_keyboard(visitor: Visitor) -> None:
    visitor.register()
    page = visitor.page
    page.goto(visitor.base_url)
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(visitor.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Projects", level=1)).to_be_visible()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    cookies = {one["name"]: one for one in page.context.cookies()}
    for name in ("__Host-pixmill", "__Secure-pixmill-refresh"):
        assert cookies[name]["httpOnly"]
        assert cookies[name]["secure"]
        assert cookies[name]["sameSite"] == "Strict"
    page.reload()
    expect(page.get_by_role("heading", name="Projects", level=1)).to_be_visible()


def test_sign_in_views(visitor: Visitor) -> None:
    visitor.page.goto(visitor.base_url)
    expect(visitor.page.get_by_role("heading", name="Sign in to Pixmill")).to_be_visible()
    visitor.check_accessibility()
    visitor.take_screenshots("sign-in")


def test_a_wrong_password_is_said(visitor: Visitor) -> None:
    visitor.register()
    visitor.page.goto(visitor.base_url)
    visitor.page.get_by_label("E-mail").fill(visitor.email)
    visitor.page.get_by_label("Password").fill("not this one")
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("The e-mail address or the password")
    visitor.forgive("status of 401")


def test_make_an_account(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.base_url)
    page.get_by_role("button", name="Make an account").click()
    page.get_by_label("E-mail").fill(visitor.email)
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make an account").first.click()
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("No project yet")).to_be_visible()
    visitor.check_accessibility()
    visitor.take_screenshots("projects-empty")


def test_sign_out_ends_the_session(somebody: Visitor) -> None:
    somebody.page.get_by_role("button", name="Sign out").click()
    expect(somebody.page.get_by_label("E-mail")).to_be_visible()
    # The browser stays known to the owner (docs/decisions/guessing.md); no session is left in it.
    left = [one["name"] for one in somebody.page.context.cookies() if "pixmill" in one["name"]]
    assert left == ["__Secure-pixmill-device"]
    somebody.page.goto(f"{somebody.base_url}/#/projects")
    expect(somebody.page.get_by_label("E-mail")).to_be_visible()


def test_a_session_that_ends_meanwhile(somebody: Visitor) -> None:
    """A form is sent as it stands once the person has signed in again."""
    page = somebody.page
    page.get_by_role("button", name="Make the first project").click()
    page.get_by_label("Name").fill("Kept")
    page.context.clear_cookies()
    page.get_by_role("button", name="Make the project").click()
    again = page.get_by_role("dialog", name="Your session has ended")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="Kept")).to_be_visible()
    assert [one["name"] for one in somebody.get("/v1/projects")["items"]] == ["Kept"]
    somebody.forgive("status of 401")
