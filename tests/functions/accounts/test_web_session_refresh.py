"""Trading the refresh token of a cookie."""

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.accounts.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from shared.models import UserSession
from tests.cookies import CookieBrowser
from tests.harness import System, expect

PATH = "/v1/web-sessions/refresh"


@pytest.fixture
def browser(system: System) -> CookieBrowser:
    """Return a browser that is signed in."""
    system.person("ada@example.com")
    browser = CookieBrowser(system.client)
    browser.sign_in("ada@example.com")
    return browser


def test_both_cookies_are_new(browser: CookieBrowser, system: System) -> None:
    old = CookieBrowser(system.client, dict(browser.jar))
    answer = browser.request("POST", PATH)
    assert expect(answer, 201).keys() == {"expires_in"}
    assert len(answer.headers.getlist("Set-Cookie")) == 2
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        assert old.jar[name].value != browser.jar[name].value
    assert (old.get_status(), browser.get_status()) == (401, 200)


def test_reuse_ends_the_family(browser: CookieBrowser, system: System) -> None:
    stolen = CookieBrowser(system.client, dict(browser.jar))
    expect(browser.request("POST", PATH), 201)
    expect(stolen.request("POST", PATH), 401)
    assert browser.get_status() == 401
    expect(browser.request("POST", PATH), 401)


def test_without_its_cookie_nothing_is_traded(browser: CookieBrowser) -> None:
    del browser.jar["__Secure-pixmill-refresh"]
    expect(browser.request("POST", PATH), 401)
    assert browser.get_status() == 200


def test_an_access_token_is_no_refresh_token(browser: CookieBrowser) -> None:
    token = browser.jar["__Host-pixmill"].value
    cookie = {"Cookie": f"__Secure-pixmill-refresh={token}"}
    expect(browser.client.post(PATH, headers=cookie), 401)


def test_an_expired_session_is_refused(browser: CookieBrowser, session: Session) -> None:
    session.execute(update(UserSession).values(expires_at=func.now()))
    session.commit()
    expect(browser.request("POST", PATH), 401)


def test_no_other_page_refreshes(browser: CookieBrowser) -> None:
    expect(browser.request("POST", PATH, {"Sec-Fetch-Site": "cross-site"}), 403)
    expect(browser.request("POST", PATH, {"Sec-Fetch-Site": "same-origin"}), 201)
