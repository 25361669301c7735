"""A photo site, engines that know its photographs, and previews of what a source would bring."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.services import services
from tests.engines import Engines, serve_engines
from tests.harness import Person
from tests.sites import Site, allow_sites, project, site

__all__ = ["project", "site"]

View = Callable[..., Any]


@pytest.fixture
def engines(site: Site) -> Iterator[Engines]:
    """Yield engines without any key, reachable beside the photo site."""
    with (
        serve_engines() as engines,
        allow_sites(site, *engines.servers.values(), **engines.settings),
    ):
        yield engines


@pytest.fixture(autouse=True)
def _forget_answers(person: Person) -> Iterator[None]:
    """Let no test have what another asked the engines."""
    yield
    for name in ("desk", "search_pace"):
        services().built.pop(name, None)


@pytest.fixture
def view(person: Person, project: str) -> View:
    """Preview a source; return the answer."""

    def view(source: dict[str, Any], status: int = 200, **options: Any) -> Any:
        body = {"source": source, "options": options}
        return person.post(f"/v1/projects/{project}/source-previews", body, status)

    return view
