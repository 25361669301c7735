"""A project's images, and versions of them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image
from tests import factories
from tests.harness import Person, System

Freeze = Callable[..., Any]


@pytest.fixture
def crawl(person: Person, session: Session) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id, name="Pets"))


@pytest.fixture
def pets(crawl: CrawlJob, session: Session) -> list[Image]:
    """Four cats, of which the last is invalid, and two dogs, of which the last is rejected."""
    cats = factories.images(session, crawl, 3, label="cat", license="CC0")
    cats += factories.images(session, crawl, 1, label="cat", is_valid=False)
    dogs = factories.images(session, crawl, 1, label="dog", caption="é\n𝄞", width=32)
    return [*cats, *dogs, *factories.images(session, crawl, 1, label="dog", rejected=True)]


@pytest.fixture
def freeze(system: System, person: Person, crawl: CrawlJob) -> Freeze:
    """Make a version to the end; return it as shown."""

    def run(**body: Any) -> Any:
        path = f"/v1/projects/{body.pop('project_id', crawl.project_id)}/versions"
        version = person.post(path, {"name": "v1", **body}, 202)
        assert (version["status"], version["hash"]) == ("pending", None)
        system.drain()
        return person.get(f"/v1/versions/{version['id']}")

    return run


def list_changes(person: Person, before: Any, after: Any, limit: int = 200) -> list[Any]:
    """Return all changes between two versions, page by page."""
    path, items, cursor = f"/v1/versions/{before['id']}/diff/{after['id']}?limit={limit}", [], ""
    while cursor is not None:
        page = person.get(f"{path}&cursor={cursor}")
        items += page["items"]
        cursor = page["next_cursor"]
    return items
