"""Requests that pages of other sites make a browser send with its cookies."""

from dataclasses import replace

import pytest

from shared.services import services
from tests.cookies import PROOF, CookieBrowser
from tests.harness import Person, System, expect

PAGE = "http://localhost:3000"
OTHERS = ("cross-site", "same-site", "nonsense")
OWN = ("same-origin", "none")


@pytest.fixture
def browser(system: System, person: Person) -> CookieBrowser:
    """Return a browser in which the person is signed in."""
    browser = CookieBrowser(system.client)
    browser.sign_in(person.email)
    return browser


@pytest.mark.parametrize("site", [*OWN, None])
def test_pages_of_this_origin_may_ask(browser: CookieBrowser, site: str | None) -> None:
    said = {"Sec-Fetch-Site": site} if site else {}
    body = {"name": "cats"}
    assert browser.request("GET", "/v1/projects", said).status_code == 200
    assert browser.request("HEAD", "/v1/projects", said).status_code == 200
    refused = expect(browser.request("POST", "/v1/projects", said, json=body), 403)
    assert "X-CSRF-Protection: 1" in refused["detail"]
    for wrong in ("", "0", "true", "1, 1"):
        headers = said | {"X-CSRF-Protection": wrong}
        expect(browser.request("POST", "/v1/projects", headers, json=body), 403)
    project = expect(browser.request("POST", "/v1/projects", said | PROOF, json=body), 201)
    path = f"/v1/projects/{project['id']}"
    for method, more in (("PATCH", {"json": {"name": "dogs"}}), ("DELETE", {})):
        expect(browser.request(method, path, said, **more), 403)
        assert browser.request(method, path, said | PROOF, **more).status_code in (200, 204)


@pytest.mark.parametrize("site", OTHERS)
def test_pages_of_other_origins_may_not_even_look(browser: CookieBrowser, site: str) -> None:
    for headers in ({"Sec-Fetch-Site": site}, {"Sec-Fetch-Site": site} | PROOF):
        assert site in expect(browser.request("GET", "/v1/projects", headers), 403)["detail"]
        assert browser.request("HEAD", "/v1/projects", headers).status_code == 403
        expect(browser.request("POST", "/v1/projects", headers, json={"name": "cats"}), 403)
    assert expect(browser.request("GET", "/v1/projects"), 200)["items"] == []


@pytest.mark.parametrize("site", OTHERS)
def test_who_sends_a_credential_itself_needs_no_proof(
    browser: CookieBrowser, person: Person, site: str
) -> None:
    key = person.post("/v1/api-keys", {"name": "k"})["key"]
    for credential in (
        {"Authorization": f"Bearer {person.token}"},
        {"Authorization": f"Bearer {key}"},
        {"X-API-Key": key},
        {"X-Forwarded-Authorization": f"Bearer {key}", "Authorization": "Bearer gateway"},
    ):
        headers = credential | {"Sec-Fetch-Site": site}
        expect(browser.request("POST", "/v1/projects", headers, json={"name": site + key}), 201)


def test_a_header_of_ours_counts_before_the_cookie(browser: CookieBrowser) -> None:
    for wrong in ({"Authorization": "Bearer pxa_wrong"}, {"X-API-Key": "wrong"}):
        expect(browser.request("GET", "/v1/projects", wrong), 401)


def test_a_gateways_own_token_leaves_the_cookie_its_place(browser: CookieBrowser) -> None:
    gateway = {"Authorization": "Bearer eyJhbGciOi.gateway.token"}
    expect(browser.request("GET", "/v1/projects", gateway), 200)
    expect(browser.request("POST", "/v1/projects", gateway, json={"name": "cats"}), 403)


@pytest.mark.parametrize("value", ["", "nonsense", "pxa_nonsense", "pxk_{key}", '"', "pxa_" * 999])
def test_other_cookies_are_no_credential(system: System, person: Person, value: str) -> None:
    """An API key in a cookie is none either: a page could set it, and it would not end."""
    key = person.post("/v1/api-keys", {"name": "k"})["key"]
    cookie = {"Cookie": f"a=b; __Host-pixmill={value.replace('pxk_{key}', key)}; c"}
    expect(system.client.get("/v1/projects", headers=cookie), 401)


def test_pages_of_others_never_get_leave_to_send_cookies_or_the_header(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = replace(services().settings, cors_origins=PAGE)
    monkeypatch.setitem(services().built, "settings", listed)
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-csrf-protection",
    }
    granted = system.client.options("/v1/projects", headers=asked).headers
    assert granted["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Credentials" not in granted
    assert "csrf" not in granted["Access-Control-Allow-Headers"].lower()
