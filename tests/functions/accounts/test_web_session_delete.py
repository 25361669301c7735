"""Signing a browser out."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.accounts.cookies import DEVICE_COOKIE
from shared.models import ActivityLog, UserSession
from tests.cookies import PROOF, CookieBrowser
from tests.harness import System, expect

PATH = "/v1/web-sessions/current"


@pytest.fixture
def browser(system: System) -> CookieBrowser:
    """Return a browser that is signed in."""
    system.person("ada@example.com")
    browser = CookieBrowser(system.client)
    browser.sign_in("ada@example.com")
    return browser


def test_the_session_is_ended_and_the_cookies_are_gone(
    browser: CookieBrowser, session: Session
) -> None:
    kept = CookieBrowser(browser.client, dict(browser.jar))
    answer = browser.request("DELETE", PATH, PROOF)
    assert (answer.status_code, answer.data) == (204, b"")
    assert set(browser.jar) == {DEVICE_COOKIE}  # it stays known
    assert kept.get_status() == 401
    expect(kept.request("POST", "/v1/web-sessions/refresh"), 401)
    log = select(ActivityLog.action, ActivityLog.user_id).order_by(ActivityLog.id.desc()).limit(1)
    action, user_id = session.execute(log).one()
    assert action == "session.delete"
    assert user_id is not None


def test_a_session_that_has_ended_is_cleared_too(browser: CookieBrowser, session: Session) -> None:
    session.execute(update(UserSession).values(access_expires_at=func.now(), revoked_at=func.now()))
    session.commit()
    assert browser.request("DELETE", PATH, PROOF).status_code == 204
    assert set(browser.jar) <= {DEVICE_COOKIE}
    assert browser.request("DELETE", PATH, PROOF).status_code == 204


@pytest.mark.parametrize("name", ["__Host-pixmill", "__Secure-pixmill-refresh"])
def test_either_cookie_is_enough(browser: CookieBrowser, name: str) -> None:
    kept = CookieBrowser(browser.client, dict(browser.jar))
    del browser.jar[name]
    assert browser.request("DELETE", PATH, PROOF).status_code == 204
    assert kept.get_status() == 401


def test_sessions_of_others_stay(browser: CookieBrowser, system: System) -> None:
    other = system.person("bob@example.com")
    assert browser.request("DELETE", PATH, PROOF).status_code == 204
    assert other.request("GET", "/v1/me").status_code == 200


def test_no_other_page_signs_anybody_out(browser: CookieBrowser) -> None:
    assert "X-CSRF-Protection" in expect(browser.request("DELETE", PATH), 403)["detail"]
    foreign = PROOF | {"Sec-Fetch-Site": "same-site"}
    expect(browser.request("DELETE", PATH, foreign), 403)
    assert browser.get_status() == 200
