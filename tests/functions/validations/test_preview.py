"""Trying rules before a validation starts."""

import random
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, ValidationJob, ValidationResult
from tests import factories
from tests.harness import Person, System, expect


def preview(person: Person, crawl: CrawlJob, rules: dict[str, Any], **more: Any) -> Any:
    path = f"/v1/projects/{crawl.project_id}/validation-previews"
    return person.post(path, {"rules": rules, **more}, 200)


def add_images(session: Session, crawl: CrawlJob, chance: random.Random) -> None:
    """Add images of measures that meet limits exactly, and lack some."""
    choices: dict[str, list[Any]] = {
        "width": [None, 1, 3, 7, 480, 640],
        "height": [None, 1, 2, 7, 480, 640],
        "file_size": [None, 0, 1, 1000, 2**40],
        "format": [None, "jpeg", "png", "webp"],
        "sharpness": [None, 0.0, 0.1, 1 / 3, 100.0],
        "brightness": [None, 0.0, 0.1, 1 / 3, 1.0],
        "uniformity": [None, 0.0, 0.1, 1 / 3, 1.0],
        "frames": [None, 1, 2],
        "channels": [None, 1, 3, 4],
        "license": [None, "", "CC0"],
        "status": ["completed", "completed", "completed", "failed"],
    }
    first = factories.image(session, crawl)
    for _ in range(60):
        columns = {name: chance.choice(values) for name, values in choices.items()}
        if chance.random() < 0.2:
            columns |= {"is_duplicate": True, "duplicate_of": first.id, "image_hash": None}
        session.add(factories.image_row(session, crawl, **columns))
    session.commit()


def choose_rules(chance: random.Random) -> dict[str, Any]:
    """Return some rules at limits that images meet."""
    limits: dict[str, list[Any]] = {
        "min_width": [3, 480],
        "max_height": [480, 640],
        "min_bytes": [1, 1000],
        "max_bytes": [1000, 2**40],
        "allowed_formats": [["jpeg"], ["jpg", "png"]],
        "min_aspect_ratio": [1 / 3, 3 / 7, 1.0],
        "max_aspect_ratio": [1.0, 1.5, 640 / 480],
        "min_sharpness": [0.0, 1 / 3],
        "min_brightness": [0.1, 1 / 3],
        "max_brightness": [1 / 3, 1.0],
        "max_uniformity": [0.1, 1 / 3],
        "allow_animated": [True, False],
        "allow_grayscale": [True, False],
        "require_license": [True, False],
    }
    names = chance.sample(sorted(limits), chance.randrange(len(limits) + 1))
    return {name: chance.choice(limits[name]) for name in names}


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_a_validation(
    system: System, person: Person, session: Session, crawl: CrawlJob, seed: int
) -> None:
    chance = random.Random(seed)
    add_images(session, crawl, chance)
    rules = choose_rules(chance) if seed else {}
    shown = preview(person, crawl, rules)
    job = {"name": "v", "rules": rules}
    person.post(f"/v1/crawl-jobs/{crawl.id}/validation-jobs", job, 202)
    system.drain()
    verdicts = session.scalars(
        select(ValidationResult).order_by(ValidationResult.image_id.desc())
    ).all()
    invalid = [one for one in verdicts if not one.is_valid]
    broken = [violation["rule"] for one in invalid for violation in one.violations]
    assert (shown["total"], shown["invalid"]) == (len(verdicts), len(invalid))
    assert shown["by_rule"] == {rule: broken.count(rule) for rule in shown["by_rule"]}
    assert set(broken) <= set(shown["by_rule"]) <= set(rules)
    assert shown["examples"] == [str(one.image_id) for one in invalid[:50]]
    assert shown["not_counted"] == []


def test_nothing_is_written(person: Person, session: Session, crawl: CrawlJob) -> None:
    image = factories.image(session, crawl, width=10)
    shown = preview(person, crawl, {"min_width": 20})
    assert (shown["invalid"], shown["examples"]) == (1, [str(image.id)])
    session.expire_all()
    assert image.is_valid
    assert session.scalar(select(func.count()).select_from(ValidationJob)) == 0


def test_images_of_a_filter_alone_are_judged(
    person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2, width=10, label="cat")
    factories.images(session, crawl, 3, width=10)
    shown = preview(person, crawl, {"min_width": 20}, filter={"label": "cat"})
    assert (shown["total"], shown["invalid"]) == (2, 2)


def test_near_duplicates_are_not_counted_and_named(
    person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2, phash=1)
    shown = preview(person, crawl, {"near_duplicate_distance": 4, "min_width": 10})
    assert shown == {
        "total": 2,
        "invalid": 0,
        "by_rule": {"min_width": 0},
        "not_counted": ["near_duplicate_distance"],
        "examples": [],
    }


def test_examples_are_the_newest_fifty(person: Person, session: Session, crawl: CrawlJob) -> None:
    images = factories.images(session, crawl, 55, width=10)
    examples = preview(person, crawl, {"min_width": 20})["examples"]
    assert examples == [str(image.id) for image in reversed(images)][:50]


def test_another_persons_images(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    image = factories.image(session, crawl, width=10)
    other = system.person()
    path = f"/v1/projects/{crawl.project_id}/validation-previews"
    expect(other.request("POST", path, {"rules": {}}), 404)
    own = factories.crawl_job(session, factories.project(session, other.id))
    named = {"rules": {"min_width": 20}, "filter": {"crawl_job_id": str(crawl.id)}}
    path = f"/v1/projects/{own.project_id}/validation-previews"
    expect(other.request("POST", path, named), 404)
    assert session.get_one(Image, image.id).is_valid


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/rules"),
        ({"rules": {"min_width": -1}}, "/rules/min_width"),
        ({"rules": {"min_size": 1}}, "/rules/min_size"),
        ({"rules": {}, "filter": {"colour": "red"}}, "/filter/colour"),
        ({"rules": {}, "name": "v"}, "/name"),
    ],
)
def test_bad_requests_are_named(
    person: Person, crawl: CrawlJob, body: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/projects/{crawl.project_id}/validation-previews"
    problem = expect(person.request("POST", path, body), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_it_ends_in_time(
    person: Person, session: Session, crawl: CrawlJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.images.counting.SECONDS", 0.05)
    path = f"/v1/projects/{crawl.project_id}/validation-previews"
    session.execute(text("LOCK TABLE images IN ACCESS EXCLUSIVE MODE"))  # nobody reads it
    problem = expect(person.request("POST", path, {"rules": {}}), 503)
    session.rollback()
    assert "Counting took longer" in problem["detail"]
