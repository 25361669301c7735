"""The account: profile, keys, webhooks, use, activity."""

from playwright.sync_api import expect

from tests.console.browsing import PASSWORD, Visitor


def test_make_and_revoke_a_key(somebody: Visitor) -> None:
    page = somebody.page
    somebody.go("/account")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").last.fill("laptop")
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_role("dialog", name="Your new key").locator("pre").inner_text()
    answer = somebody.client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["email"] == somebody.email
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Revoke laptop").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()
    answer = somebody.client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_webhooks_and_activity(somebody: Visitor) -> None:
    page = somebody.page
    somebody.go("/account")
    page.get_by_role("button", name="New webhook").click()
    page.get_by_label("Address").fill("http://127.0.0.1:9/hear")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator(".field .error")).to_be_visible()
    somebody.forgive("status of 422")
    page.get_by_label("Address").fill("https://example.com/hear")
    page.get_by_role("button", name="Make the webhook").click()
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    (hook,) = somebody.get("/v1/webhooks")["items"]
    assert not hook["is_active"]
    page.get_by_role("button", name="What was sent to https://example.com/hear").click()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_role("cell", name="webhook: create")).to_be_visible()
    somebody.check_accessibility()
    somebody.take_screenshots("account")


def test_change_name_and_password(somebody: Visitor) -> None:
    page = somebody.page
    somebody.go("/account")
    page.get_by_label("Name").first.fill("Ada")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    assert somebody.get("/v1/me")["full_name"] == "Ada"
    password = page.locator("section", has_text="New password").last
    password.get_by_label("Current password").fill("wrong one")
    password.get_by_label("New password").fill("another password")
    password.get_by_role("button", name="Change the password").click()
    expect(password.locator(".error, .form-error").first).to_be_visible()
    somebody.forgive("status of 4")
    password.get_by_label("Current password").fill(PASSWORD)
    password.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def test_end_other_sessions(somebody: Visitor) -> None:
    page = somebody.page
    body = {"email": somebody.email, "password": PASSWORD}
    somebody.client.post("/v1/sessions", json=body).raise_for_status()
    somebody.go("/account")
    # Beside this one: the client's own, and the one that was just opened.
    expect(page.get_by_role("button", name="End the session from")).to_have_count(2)
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_text("All other sessions have ended.")).to_be_visible()
    expect(page.get_by_role("button", name="End the session from")).to_have_count(0)
    expect(page.get_by_text("this one")).to_be_visible()
