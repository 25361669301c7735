"""Whole stacks, one for each Pub/Sub emulator that this machine has."""

from collections.abc import Iterator

import pytest

from infra.emulators.pubsub import google
from tests.sites import Site, serve
from tests.stacks import RunningStack, temporary_state

PUBSUBS = ["embedded", *(["google"] if google.find_google_emulator() else [])]


@pytest.fixture(scope="session")
def photo_site() -> Iterator[Site]:
    """Yield a photo site for the whole run."""
    with serve() as site:
        yield site


@pytest.fixture(scope="session", params=PUBSUBS)
def stack(request: pytest.FixtureRequest, photo_site: Site) -> Iterator[RunningStack]:
    """Yield a running stack that may crawl the photo site."""
    with temporary_state() as state:
        stack = RunningStack(
            state,
            PIXMILL_PUBSUB=request.param,
            PIXMILL_CRAWL_ALLOW=photo_site.base_url.removeprefix("http://"),
        )
        try:
            yield stack.start()
        finally:
            stack.close()
