"""Signing a browser in."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models import ActivityLog, UserSession
from shared.services import services
from tests.cookies import PROOF, CookieBrowser
from tests.guessing import exhaust, prolong_waits
from tests.harness import PASSWORD, System, expect

PATH = "/v1/web-sessions"


@pytest.fixture
def browser(system: System) -> CookieBrowser:
    """Return a browser of somebody with an account."""
    system.person("ada@example.com")
    return CookieBrowser(system.client)


def test_tokens_are_in_cookies_and_nowhere_else(browser: CookieBrowser) -> None:
    answer = browser.sign_in("ADA@example.com")
    life = services().settings.access_token_life
    assert answer.get_json() == {"expires_in": life}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"] == f"{PATH}/current"
    access, refresh, device = answer.headers.getlist("Set-Cookie")
    start, _, flags = access.partition("; ")
    assert start.startswith("__Host-pixmill=pxa_")
    assert flags == f"Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={life}"
    start, _, flags = refresh.partition("; ")
    assert start.startswith("__Secure-pixmill-refresh=pxr_")
    assert flags == "Path=/v1/web-sessions; Secure; HttpOnly; SameSite=Strict"
    start, _, flags = device.partition("; ")
    assert start.startswith("__Secure-pixmill-device=pxd_")
    path, _, flags = flags.partition("; ")
    assert (path, flags.startswith("Secure; HttpOnly; SameSite=Strict; Max-Age=")) == (
        "Path=/v1/web-sessions",
        True,
    )


def test_the_cookie_is_a_credential(browser: CookieBrowser) -> None:
    assert browser.get_status() == 401
    browser.sign_in("ada@example.com")
    me = expect(browser.request("GET", "/v1/me"), 200)
    assert me["email"] == "ada@example.com"
    headers = PROOF | {"Idempotency-Key": "k"}
    made = browser.request("POST", "/v1/projects", headers, json={"name": "cats"})
    again = browser.request("POST", "/v1/projects", headers, json={"name": "cats"})
    assert expect(made, 201) == expect(again, 201)


def test_wrong_password_and_unknown_address_look_the_same(browser: CookieBrowser) -> None:
    answers = [
        browser.request("POST", PATH, json={"email": email, "password": "not the password"})
        for email in ("ada@example.com", "bob@example.com")
    ]
    wrong, unknown = (expect(answer, 401) for answer in answers)
    assert wrong["detail"] == unknown["detail"]
    assert not browser.jar


def test_guessing_is_slowed_down_at_both_doors_together(
    browser: CookieBrowser, system: System, session: Session
) -> None:
    wrong = {"email": "ada@example.com", "password": "not the password"}
    for _ in range(5):
        expect(browser.request("POST", PATH, json=wrong), 401)
        expect(system.client.post("/v1/sessions", json=wrong), 401)
    prolong_waits(session)
    right = {"email": "ada@example.com", "password": PASSWORD}
    for path in (PATH, "/v1/sessions"):
        answer = browser.request("POST", path, json=right)  # it has not been here before
        expect(answer, 429)
        assert int(answer.headers["Retry-After"]) > 0


def test_a_known_browser_waits_for_its_own_tries_only(
    browser: CookieBrowser, system: System, session: Session
) -> None:
    browser.sign_in("ada@example.com")
    stranger = CookieBrowser(system.client)
    exhaust(session, "e-mail ada@example.com", "127.0.0.1")
    body = {"email": "ada@example.com", "password": PASSWORD}
    base = {"REMOTE_ADDR": "127.0.0.1"}
    expect(stranger.request("POST", PATH, json=body, environ_base=base), 429)
    answer = browser.request("POST", PATH, json=body, environ_base=base)
    expect(answer, 201)
    assert "device" not in str(answer.headers.getlist("Set-Cookie"))  # it is known already
    for _ in range(10):
        wrong = browser.request("POST", PATH, json=body | {"password": "wrong"}, environ_base=base)
        expect(wrong, 401)
    prolong_waits(session)
    expect(browser.request("POST", PATH, json=body, environ_base=base), 429)


def test_the_device_of_one_account_is_nobody_elses(
    browser: CookieBrowser, system: System, session: Session
) -> None:
    browser.sign_in("ada@example.com")
    other = system.person("bob@example.com")
    exhaust(session, "e-mail bob@example.com")
    body = {"email": other.email, "password": PASSWORD}
    base = {"REMOTE_ADDR": "198.51.100.1"}
    expect(browser.request("POST", PATH, json=body, environ_base=base), 429)


def test_signing_in_again_ends_the_session_before(browser: CookieBrowser, system: System) -> None:
    browser.sign_in("ada@example.com")
    left = CookieBrowser(system.client, dict(browser.jar))
    expect(
        browser.request("POST", PATH, json={"email": "ada@example.com", "password": "wrong one"}),
        401,
    )
    assert left.get_status() == 200
    browser.sign_in("ada@example.com")
    assert (left.get_status(), browser.get_status()) == (401, 200)


def test_a_session_that_is_ended_elsewhere_is_over(
    browser: CookieBrowser, session: Session
) -> None:
    browser.sign_in("ada@example.com")
    change = {"password": "another long one", "current_password": PASSWORD}
    other = CookieBrowser(browser.client)
    other.sign_in("ada@example.com")
    expect(other.request("PATCH", "/v1/me", PROOF, json=change), 200)
    assert (browser.get_status(), other.get_status()) == (401, 200)


def test_an_expired_cookie_is_refused(browser: CookieBrowser, session: Session) -> None:
    browser.sign_in("ada@example.com")
    session.execute(update(UserSession).values(access_expires_at=UserSession.created_at))
    session.commit()
    assert browser.get_status() == 401


def test_signing_in_is_logged(browser: CookieBrowser, session: Session) -> None:
    browser.sign_in("ada@example.com")
    logged = session.scalars(select(ActivityLog.action)).all()
    assert logged == ["session.create"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_page_signs_anybody_in(browser: CookieBrowser, site: str) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    answer = browser.request("POST", PATH, {"Sec-Fetch-Site": site}, json=body)
    assert site in expect(answer, 403)["detail"]
    assert not browser.jar


def test_a_form_signs_nobody_in(browser: CookieBrowser) -> None:
    """The three types of body that a form of any page can send are not taken."""
    body = b'{"email": "ada@example.com", "password": "%s"}' % PASSWORD.encode()
    for form in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = browser.request("POST", PATH, data=body, content_type=form)
        assert expect(answer, 415)
