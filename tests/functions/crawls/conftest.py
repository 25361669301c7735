"""The photo site, reachable for the crawler, and crawl jobs that run to their end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.harness import Person, System
from tests.sites import Site, allowed, serve


@pytest.fixture
def site(system: System) -> Iterator[Site]:
    """The photo site."""
    with serve() as site, allowed(site):
        yield site


@pytest.fixture
def project(person: Person) -> str:
    """The id of a project."""
    return str(person.post("/v1/projects", {"name": "Animals"})["id"])


@pytest.fixture
def start(person: Person, project: str) -> Callable[..., str]:
    """Starts a crawl job over these addresses; returns its id."""

    def start(urls: list[Any], **options: Any) -> str:
        source = {"type": "urls", "urls": urls}
        body = {"name": "A crawl", "source": source, "options": options}
        return str(person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)["id"])

    return start


@pytest.fixture
def crawl(person: Person, system: System, start: Callable[..., str]) -> Callable[..., Any]:
    """Runs a crawl job over these addresses to its end; returns it as the API shows it."""

    def crawl(urls: list[Any], **options: Any) -> Any:
        job_id = start(urls, **options)
        system.drain()
        return person.get(f"/v1/crawl-jobs/{job_id}")

    return crawl
