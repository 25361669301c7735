"""Listing verdicts."""

import pytest
from sqlalchemy.orm import Session

from shared.models import CrawlJob
from tests import factories
from tests.harness import Person, System, expect


@pytest.fixture
def path(system: System, person: Person, session: Session, crawl: CrawlJob) -> str:
    """Return the results of a validation of four images, of which every other one is too small."""
    for width in (100, 300, 100, 300):
        factories.image(session, crawl, width=width)
    body = {"name": "v", "rules": {"min_width": 200}}
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/validation-jobs", body, 202)
    system.drain()
    return f"/v1/validation-jobs/{job['id']}/results"


def test_a_verdict_tells_what_is_broken(person: Person, path: str) -> None:
    newest, small, *_ = person.get(path)["items"]
    assert newest["violations"] == []
    assert newest["is_valid"] is True
    assert small["violations"] == [{"rule": "min_width", "limit": 200, "actual": 100}]
    assert set(small) == {"image_id", "is_valid", "violations"}


def test_filter_and_pages(person: Person, path: str) -> None:
    everything = [result["image_id"] for result in person.get(path)["items"]]
    assert everything == sorted(everything, reverse=True)
    for valid, wanted in (("true", everything[0::2]), ("false", everything[1::2])):
        found, cursor = [], ""
        while cursor is not None:
            page = person.get(f"{path}?valid={valid}&limit=1&cursor={cursor}")
            found += [result["image_id"] for result in page["items"]]
            cursor = page["next_cursor"]
        assert found == wanted
    expect(person.request("GET", f"{path}?valid=maybe"), 422)
    expect(person.request("GET", f"{path}?limit=201"), 422)


def test_the_image_shows_it_too(person: Person, path: str) -> None:
    result = person.get(f"{path}?valid=false&limit=1")["items"][0]
    image = person.get(f"/v1/images/{result['image_id']}")
    assert image["is_valid"] is False
    assert image["validation"]["violations"] == result["violations"]
