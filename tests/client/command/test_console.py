"""`pixmill open`."""

import json
import webbrowser

import pytest

from tests.client.command.conftest import Run
from tests.cookies import CookieBrowser
from tests.harness import System, expect


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the browser: keep the links that it is to open."""
    links: list[str] = []

    def keep(link: str) -> bool:
        links.append(link)
        return True

    monkeypatch.setattr(webbrowser, "open", keep)
    return links


def check_link(system: System, link: str, address: str) -> None:
    page, _, code = link.partition("#code=")
    assert page == f"{address}/"
    browser = CookieBrowser(system.client)
    expect(browser.request("POST", "/v1/web-sessions", json={"code": code}), 201)
    assert browser.get_status() == 200


def test_the_browser_opens_the_console(
    signed_in: Run, system: System, address: str, opened: list[str]
) -> None:
    result = signed_in(["open"])
    assert (result.exit_code, result.stdout) == (0, f"{address} opens in the browser.\n")
    (link,) = opened
    check_link(system, link, address)


def test_print_opens_nothing(
    signed_in: Run, system: System, address: str, opened: list[str]
) -> None:
    check_link(system, signed_in(["open", "--print"]).stdout.strip(), address)
    told = json.loads(signed_in(["open", "--print", "--json"]).stdout)
    assert (told["opened"], opened) == (False, [])
    check_link(system, told["url"], address)


@pytest.mark.parametrize("raises", [True, False])
def test_without_a_browser_the_link_is_printed(
    signed_in: Run, system: System, address: str, monkeypatch: pytest.MonkeyPatch, raises: bool
) -> None:
    def fail(_: str) -> bool:
        if raises:
            raise webbrowser.Error("could not locate runnable browser")
        return False

    monkeypatch.setattr(webbrowser, "open", fail)
    check_link(system, signed_in(["open"]).stdout.strip(), address)


def test_who_is_not_signed_in_is_told_how(run: Run, opened: list[str]) -> None:
    result = run(["open"])
    assert result.exit_code != 0
    assert "pixmill login" in result.stderr
    assert not opened
