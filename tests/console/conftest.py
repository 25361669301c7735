"""The console in a real browser, on a whole stack that crawls a photo site."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from shared.settings import to_variable
from tests.console.browsing import Visitor, find_chromium, visit
from tests.engines import Engines, serve_engines
from tests.sites import Site, serve
from tests.stacks import RunningStack, temporary_state

ARGUMENTS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def photo_site() -> Iterator[Site]:
    """Yield a photo site for the whole run."""
    with serve() as site:
        yield site


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """Yield engines that know pictures by words, for the whole run."""
    with serve_engines() as engines:
        yield engines


@pytest.fixture(scope="session")
def stack(chromium: str, photo_site: Site, engines: Engines) -> Iterator[RunningStack]:
    """Yield a running stack that may crawl the photo site; none where there is no browser."""
    with temporary_state() as state:
        addresses = [photo_site.base_url, *(one.base_url for one in engines.servers.values())]
        allowed = ",".join(one.removeprefix("http://") for one in addresses)
        searching = {to_variable(name): str(value) for name, value in engines.settings.items()}
        stack = RunningStack(state, PIXMILL_CRAWL_ALLOW=allowed, **searching)
        try:
            yield stack.start()
        finally:
            stack.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium. Without one on this machine, the tests are skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium; `make test-console` installs it or says how")
    return path


@pytest.fixture(scope="module")  # as long as it lives, no other test can run an event loop
def browser(chromium: str) -> Iterator[Browser]:
    """Yield Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, stack: RunningStack) -> Iterator[Visitor]:
    """Yield somebody who looks at the console, is not signed in, and meets no error."""
    with visit(browser, stack.addresses.base_url) as visitor:
        yield visitor


@pytest.fixture
def somebody(visitor: Visitor) -> Visitor:
    """Return somebody who has an account and is signed in."""
    visitor.register()
    visitor.sign_in()
    return visitor
