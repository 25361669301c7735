"""The link that the local system prints."""

import json
from pathlib import Path

import pytest

from infra.local.console import ConsoleLink
from tests.cookies import CookieBrowser
from tests.harness import System, expect

BASE = "http://127.0.0.1:8080"


@pytest.fixture
def link(system: System, database_url: str) -> ConsoleLink:
    """Return the link of a system that has just started."""
    return ConsoleLink(database_url)


def open_link(system: System, address: str, status: int = 201) -> CookieBrowser:
    page, _, code = address.partition("#code=")
    assert page == f"{BASE}/"
    browser = CookieBrowser(system.client)
    expect(browser.request("POST", "/v1/web-sessions", json={"code": code}), status)
    return browser


def test_it_opens_one_account_again_and_again(
    system: System, link: ConsoleLink, tmp_path: Path
) -> None:
    address = link.make(tmp_path, BASE)
    first, second = (open_link(system, address).request("GET", "/v1/me") for _ in range(2))
    assert expect(first, 200) == expect(second, 200)
    assert expect(first, 200)["email"] == "me@pixmill.local"
    after = link.make(tmp_path, BASE)
    open_link(system, address, 401)
    assert expect(open_link(system, after).request("GET", "/v1/me"), 200) == expect(first, 200)
    link.remove()
    open_link(system, after, 401)


def test_the_account_is_that_of_the_command(
    system: System, link: ConsoleLink, tmp_path: Path
) -> None:
    link.make(tmp_path, BASE)
    path = tmp_path / "account.json"
    assert path.stat().st_mode & 0o777 == 0o600
    expect(system.client.post("/v1/sessions", json=json.loads(path.read_text())), 201)


def test_an_account_that_is_there_keeps_its_password(
    system: System, link: ConsoleLink, tmp_path: Path
) -> None:
    account = {"email": "ada@example.com", "password": "a password of her own"}
    expect(system.client.post("/v1/users", json=account), 201)
    (tmp_path / "account.json").write_text(json.dumps(account))
    browser = open_link(system, link.make(tmp_path, BASE))
    assert expect(browser.request("GET", "/v1/me"), 200)["email"] == "ada@example.com"
    expect(system.client.post("/v1/sessions", json=account), 201)
