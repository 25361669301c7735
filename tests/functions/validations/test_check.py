"""Judging a crawl job's images."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.models import CrawlJob, Image, Project, ValidationJob, ValidationResult
from tests import factories
from tests.harness import Person, System, in_parallel


def start(person: Person, crawl: CrawlJob, **rules: Any) -> str:
    path = f"/v1/crawl-jobs/{crawl.id}/validation-jobs"
    job_id: str = person.post(path, {"name": "v", "rules": rules}, 202)["id"]
    return job_id


def show(person: Person, job_id: str) -> Any:
    return person.get(f"/v1/validation-jobs/{job_id}")


def list_broken_rules(session: Session) -> dict[Any, set[str]]:
    """Return the rules that each image breaks."""
    session.expire_all()
    return {
        result.image_id: {violation["rule"] for violation in result.violations}
        for result in session.scalars(select(ValidationResult))
    }


# Rule, limit, and a measure that breaks it.
CASES: list[tuple[str, Any, dict[str, Any]]] = [
    ("min_width", 641, {}),
    ("min_height", 481, {}),
    ("max_width", 639, {}),
    ("max_height", 479, {}),
    ("min_bytes", 100_001, {}),
    ("max_bytes", 99_999, {}),
    ("allowed_formats", ["png", "webp"], {}),
    ("min_aspect_ratio", 1.34, {}),
    ("max_aspect_ratio", 1.33, {}),
    ("min_sharpness", 300.5, {}),
    ("min_brightness", 0.51, {}),
    ("max_brightness", 0.49, {}),
    ("max_uniformity", 0.09, {}),
    ("allow_animated", False, {"frames": 2}),
    ("allow_grayscale", False, {"channels": 1}),
    ("require_license", True, {}),
]


# What keeps the rules above that the usual image breaks.
GOOD: dict[str, dict[str, Any]] = {
    "min_width": {"width": 641},
    "min_height": {"height": 481},
    "max_width": {"width": 639},
    "max_height": {"height": 479},
    "min_bytes": {"file_size": 100_001},
    "max_bytes": {"file_size": 99_999},
    "allowed_formats": {"format": "png"},
    "min_aspect_ratio": {"width": 650},
    "max_aspect_ratio": {"width": 630},
    "min_sharpness": {"sharpness": 301.0},
    "min_brightness": {"brightness": 0.6},
    "max_brightness": {"brightness": 0.4},
    "max_uniformity": {"uniformity": 0.05},
    "require_license": {"license": "CC0"},
}


@pytest.mark.parametrize(("rule", "limit", "columns"), CASES, ids=[case[0] for case in CASES])
def test_every_rule(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    rule: str,
    limit: Any,
    columns: dict[str, Any],
) -> None:
    bad = factories.image(session, crawl, **columns)
    good = factories.image(session, crawl, **GOOD.get(rule, {}))
    job = show(person, start(person, crawl, **{rule: limit}))
    system.drain()
    job = show(person, job["id"])
    assert (job["status"], job["progress"], job["error"]) == ("completed", 100, None)
    assert (job["total_images"], job["validated_images"], job["invalid_images"]) == (2, 2, 1)
    assert list_broken_rules(session) == {bad.id: {rule}, good.id: set()}


def test_a_verdict_is_written_onto_image_and_crawl_job(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    small = factories.image(session, crawl, width=10)
    large = factories.image(session, crawl)
    twin = factories.image(
        session,
        crawl,
        sha256=large.sha256,
        image_hash=None,
        is_duplicate=True,
        duplicate_of=large.id,
    )
    waiting = factories.image(session, crawl, status="processing", width=None)
    elsewhere = factories.image(
        session, factories.crawl_job(session, session.get_one(Project, crawl.project_id)), width=10
    )
    start(person, crawl, min_width=20)
    system.drain()
    valid = dict(session.execute(select(Image.id, Image.is_valid)).all())
    assert valid == {
        small.id: False,
        large.id: True,
        twin.id: True,
        waiting.id: True,
        elsewhere.id: True,
    }
    assert set(list_broken_rules(session)) == {small.id, large.id, twin.id}
    assert person.get(f"/v1/crawl-jobs/{crawl.id}")["valid_images"] == 1
    start(person, crawl, min_width=5)  # the latest rules count
    system.drain()
    session.expire_all()
    assert session.scalars(select(Image.id).where(~Image.is_valid)).all() == []
    assert person.get(f"/v1/crawl-jobs/{crawl.id}")["valid_images"] == 2


def test_the_later_of_two_that_look_alike_is_invalid(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the earlier one belongs to an earlier portion."""
    monkeypatch.setattr("functions.validations.check.PORTION", 2)
    hashes = [0, 0b111 << 40, 1 << 60, -1, 0b11]
    images = [factories.image(session, crawl, phash=phash) for phash in hashes]
    start(person, crawl, near_duplicate_distance=2)
    system.drain()
    rules = [list_broken_rules(session)[image.id] for image in images]
    near = {"near_duplicate_distance"}
    assert rules == [set(), set(), near, set(), near]


@pytest.mark.parametrize("copies", [1, 2])
def test_portions_add_up(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
    copies: int,
) -> None:
    monkeypatch.setattr("functions.validations.check.PORTION", 7)
    factories.images(session, crawl, 20)
    factories.images(session, crawl, 5, width=10)
    job_id = start(person, crawl, min_width=20)
    system.drain(copies=copies)
    job = show(person, job_id)
    assert (job["total_images"], job["validated_images"], job["invalid_images"]) == (25, 25, 5)
    assert system.mailbox.topics() == ["validation-requested"] * 5
    assert session.scalar(select(func.count()).select_from(ValidationResult)) == 25


def test_progress_is_shown(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.validations.check.PORTION", 5)
    factories.images(session, crawl, 10)
    job_id = start(person, crawl)
    seen = []
    while waiting := system.mailbox.take():
        system.deliver(waiting[0])
        job = show(person, job_id)
        seen.append((job["status"], job["progress"], job["validated_images"]))
    assert seen == [("running", 50, 5), ("running", 99, 10), ("completed", 100, 10)]


def test_a_job_without_images(system: System, person: Person, crawl: CrawlJob) -> None:
    job_id = start(person, crawl, min_width=20)
    system.drain()
    job = show(person, job_id)
    assert (job["status"], job["progress"], job["total_images"]) == ("completed", 100, 0)


def test_the_same_portion_at_the_same_time(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 3)
    job_id = start(person, crawl)
    (event,) = system.mailbox.take()
    again = [event.__class__(crawl.id, event.topic, event.body, {})] * 2
    in_parallel([lambda one=one: system.deliver(one) for one in (event, *again)])
    system.drain()
    assert set(system.statuses) == {204}
    assert show(person, job_id)["validated_images"] == 3
    assert session.scalar(select(func.count()).select_from(ValidationResult)) == 3


def test_a_job_that_is_deleted_midway(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.validations.check.PORTION", 2)
    factories.images(session, crawl, 5)
    start(person, crawl)
    system.deliver(system.mailbox.take()[0])
    session.execute(delete(ValidationJob))
    session.commit()
    system.drain()
    assert set(system.statuses) == {204}
    assert list_broken_rules(session) == {}


def test_images_that_go_or_come_midway(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.validations.check.PORTION", 2)
    images = factories.images(session, crawl, 6)
    job_id = start(person, crawl)
    system.deliver(system.mailbox.take()[0])
    for image in images[1:5]:
        person.request("DELETE", f"/v1/images/{image.id}")
    factories.image(session, crawl)
    system.drain()
    job = show(person, job_id)
    assert (job["status"], job["validated_images"], job["total_images"]) == ("completed", 4, 4)


def test_a_failure_midway_counts_nothing_twice(
    system: System,
    person: Person,
    session: Session,
    crawl: CrawlJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.images(session, crawl, 3)
    job_id = start(person, crawl)
    (event,) = system.mailbox.take()

    def breaks(*_: Any) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("functions.validations.check.to_percent", breaks)
        assert system.deliver(event) == [500]
    assert show(person, job_id)["status"] == "pending"
    assert list_broken_rules(session) == {}
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    assert show(person, job_id)["validated_images"] == 3


def test_originals_and_duplicates_are_counted_apart(
    system: System, person: Person, session: Session, crawl: CrawlJob
) -> None:
    good, bad = factories.image(session, crawl), factories.image(session, crawl, width=10)
    for original, width in ((good, 640), (bad, 10), (bad, 10)):
        factories.image(
            session,
            crawl,
            width=width,
            image_hash=None,
            is_duplicate=True,
            duplicate_of=original.id,
        )
    job = show(person, start(person, crawl, min_width=100))
    assert (job["total_images"], job["duplicate_images"]) == (0, 0)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{crawl.id}/validation-jobs")["items"][0]
    assert (job["total_images"], job["validated_images"], job["invalid_images"]) == (2, 2, 1)
    assert (job["duplicate_images"], job["invalid_duplicates"]) == (3, 2)
    assert (job["status"], job["progress"]) == ("completed", 100)
    ended = person.get(f"/v1/crawl-jobs/{crawl.id}")
    assert (ended["valid_images"], ended["invalid_images"]) == (1, 1)
