"""A photo site, engines that know its photographs, and crawl jobs that search them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines import Engines, serve_engines
from tests.sites import Site, allow_sites, crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]


@pytest.fixture
def engines(site: Site) -> Iterator[Engines]:
    """Yield engines without any key, reachable beside the photo site."""
    with (
        serve_engines() as engines,
        allow_sites(site, *engines.servers.values(), **engines.settings),
    ):
        yield engines
