"""Counting a project's images by what they can be filtered by."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.models import Image, Project
from tests import factories
from tests.harness import Person, System, expect

# Of each property: what an image has, and what its filter is given.
FILTERS: dict[str, Callable[[Image], Any]] = {
    "label": lambda image: image.label,
    "format": lambda image: image.format,
    "license": lambda image: image.license,
    "host": lambda image: image.original_url and image.original_url.split("/")[2],
    "status": lambda image: image.status,
    "reason": lambda image: image.failure_reason and image.failure_reason.split(":")[0],
    "valid": lambda image: image.is_valid,
    "duplicate": lambda image: image.is_duplicate,
    "rejected": lambda image: image.rejected,
}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def images(session: Session, project: Project) -> list[Image]:
    """Images of few values each, so that many have something in common."""
    chance = random.Random(7)
    first = factories.image(session, project)
    rows = [first]
    for _ in range(80):
        failed = chance.random() < 0.2
        twin = chance.random() < 0.3
        host = chance.choice([None, "https://a.example/1", "https://b.example/2"])
        rows.append(
            factories.image_row(
                session,
                project,
                label=chance.choice([None, "cat", "Hund"]),
                format=chance.choice(["jpeg", "png"]),
                license=chance.choice([None, "CC0"]),
                original_url=host,
                status="failed" if failed else "completed",
                failure_reason="truncated: too short" if failed else None,
                is_valid=chance.random() < 0.7,
                is_duplicate=twin,
                duplicate_of=first.id if twin else None,
                rejected=chance.random() < 0.2,
                width=chance.choice([100, 1000]),
            )
        )
    session.add_all(rows)
    session.commit()
    return rows


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"label": "cat"},
        {"host": "b.example"},
        {"reason": "truncated"},
        {"label": "cat", "format": "png"},
        {"label": "nobody", "format": "png"},
        {"label": "nobody", "license": "none"},
        {"valid": False, "duplicate": False, "rejected": False},
        {"status": "completed", "license": "CC0", "min_width": 1000},
        {"min_width": 2000},
    ],
    ids=str,
)
def test_each_property_is_counted_without_its_own_filter(
    person: Person, project: Project, images: list[Image], wanted: dict[str, Any]
) -> None:
    query = "&".join(f"{name}={value}".lower() for name, value in wanted.items())
    query = query.replace("cc0", "CC0")
    found = person.get(f"/v1/projects/{project.id}/images/facets?{query}")

    def passes(image: Image, but: str = "") -> bool:
        return all(
            (image.width or 0) >= value if name == "min_width" else FILTERS[name](image) == value
            for name, value in wanted.items()
            if name != but
        )

    assert found["total"] == sum(passes(image) for image in images)
    for name, read in FILTERS.items():
        expected = Counter(read(image) for image in images if passes(image, name))
        if name == "reason":
            del expected[None]  # they have not failed
        assert {one["value"]: one["count"] for one in found[name]} == expected, name
        counts = [one["count"] for one in found[name]]
        assert counts == sorted(counts, reverse=True)
    assert found["other"] == {}


def test_without_a_label_is_of_the_label(
    person: Person, project: Project, images: list[Image]
) -> None:
    path = f"/v1/projects/{project.id}/images/facets"
    found = person.get(f"{path}?unlabelled=true")
    without = sum(image.label is None for image in images)
    assert found["total"] == without
    assert found["label"] == person.get(path)["label"]
    assert sum(one["count"] for one in found["format"]) == without


def test_values_beyond_those_named_are_added_up(
    person: Person, session: Session, project: Project
) -> None:
    rows = [
        factories.image_row(
            session,
            project,
            label=f"{number:03d}",
            license=f"{number:03d}",
            original_url=f"https://h{number:03d}.example/",
        )
        for number in range(205)
        for _ in range(2 if number < 3 else 1)
    ]
    session.add_all([*rows, *(factories.image_row(session, project) for _ in range(2))])
    session.commit()
    found = person.get(f"/v1/projects/{project.id}/images/facets")
    assert [one["value"] for one in found["label"][:5]] == ["000", "001", "002", None, "003"]
    assert len(found["label"]) == 200
    # What lacks a value is named whether or not it is among the commonest.
    assert found["other"] == {"label": 6, "license": 106, "host": 106}


def test_images_of_others_do_not_count(
    system: System, person: Person, session: Session, project: Project
) -> None:
    other = system.person()
    theirs = factories.project(session, other.id)
    crawl = factories.crawl_job(session, theirs)
    held = factories.images(session, crawl, 2, label="secret")
    version = factories.version(session, theirs, *held)
    path = f"/v1/projects/{project.id}/images/facets"
    for query in (f"?crawl_job_id={crawl.id}", f"?version_id={version.id}"):
        expect(person.request("GET", path + query), 404)
    for query in ("", "?label=secret"):
        found = person.get(path + query)
        assert found["total"] == 0
        assert found["label"] == []
    expect(other.request("GET", path), 404)


@pytest.mark.parametrize("operation", ["facets", "measures"])
def test_counting_ends_in_time(
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
) -> None:
    monkeypatch.setattr("shared.images.counting.SECONDS", 0.05)
    session.execute(text("LOCK TABLE images IN ACCESS EXCLUSIVE MODE"))  # nobody reads it
    problem = expect(person.request("GET", f"/v1/projects/{project.id}/images/{operation}"), 503)
    session.rollback()
    assert "Counting took longer than 0.05 seconds" in problem["detail"]
    assert person.get(f"/v1/projects/{project.id}/images/{operation}")["total"] == 0


@pytest.mark.parametrize(("query", "pointer"), [("limit=1", "/limit"), ("format=x", "/format")])
def test_bad_queries_are_named(person: Person, project: Project, query: str, pointer: str) -> None:
    path = f"/v1/projects/{project.id}/images/facets?{query}"
    problem = expect(person.request("GET", path), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
