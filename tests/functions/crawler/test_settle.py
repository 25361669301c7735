"""Completing a crawl job: exactly once a run, and never early."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.messaging.messages import SweepDue, WorkSettled
from shared.messaging.outbox import Envelope
from shared.models import AnalysisJob, CrawlJob, Model, ValidationJob
from tests.harness import Person, System, in_parallel
from tests.sites import Site, photo

Start = Callable[..., str]


def fetch_without_settling(system: System) -> list[Envelope]:
    """Plan and fetch without settling; return the messages that are to settle."""
    held: list[Envelope] = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == "work-settled":
                held.append(envelope)
            else:
                system.deliver(envelope)
    return held


def test_settled_at_the_same_time_completes_once(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start(site.photos(4), chunk_size=1)
    held = fetch_without_settling(system)
    assert len(held) == 4
    in_parallel([lambda e=one: system.deliver(e) for one in held for _ in range(2)])
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "completed"
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_job_at_work_shows_what_it_has_reached(
    site: Site, start: Start, system: System, person: Person, project: str
) -> None:
    job_id = start([*site.photos(3), f"{site.base_url}/missing.jpg"], chunk_size=1)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    ready = [one for one in system.mailbox.take() if one.topic == "chunk-ready"]
    for envelope in [ready[0], ready[3]]:
        system.deliver(envelope)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("running", 50)
    assert (job["downloaded_images"], job["valid_images"], job["failed_images"]) == (1, 1, 1)
    assert (job["total_chunks"], job["completed_chunks"], job["active_chunks"]) == (4, 2, 0)
    assert person.get(f"/v1/projects/{project}/crawl-jobs")["items"] == [job]
    assert person.get(f"/v1/projects/{project}")["crawl_jobs"] == [job]
    for envelope in ready[1:3]:
        system.deliver(envelope)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("running", 99)
    system.drain()
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert (job["status"], job["progress"]) == ("completed", 100)


def test_counters_are_written_into_the_row(
    site: Site, crawl: Callable[..., Any], session: Session
) -> None:
    crawl([*site.photos(2), site.photos(1)[0], f"{site.base_url}/missing.jpg"])
    job = session.scalars(select(CrawlJob)).one()
    assert (job.total_images, job.downloaded_images, job.valid_images) == (4, 2, 2)
    assert (job.duplicate_images, job.failed_images, job.total_chunks) == (1, 1, 1)


def test_validation_starts_with_the_end(
    site: Site, start: Start, system: System, session: Session, person: Person
) -> None:
    job_id = start(site.photos(3), validate={"min_width": 10_000})
    system.drain(copies=2)
    job = person.get(f"/v1/crawl-jobs/{job_id}")
    assert job["options"]["validate"] == {"min_width": 10_000}
    validation = session.scalars(select(ValidationJob)).one()
    assert (validation.status, validation.validated_images) == ("completed", 3)
    assert (validation.name, validation.validation_rules) == (job["name"], {"min_width": 10_000})
    assert (job["valid_images"], job["downloaded_images"]) == (0, 3)


def test_stale_word_changes_nothing(
    site: Site, start: Start, system: System, person: Person
) -> None:
    job_id = start([f"{site.base_url}/missing.jpg"])
    system.drain()
    before = person.get(f"/v1/crawl-jobs/{job_id}")
    system.send(WorkSettled.model_validate({"crawl_job_id": job_id}))
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}") == before
    assert system.mailbox.topics().count("crawl-completed") == 1


def hold_back(system: System, topic: str) -> list[Envelope]:
    """Deliver all but the messages of a topic; return those."""
    held: list[Envelope] = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == topic:
                held.append(envelope)
            else:
                system.deliver(envelope)
    return held


def job_of(person: Person, job_id: str) -> Any:
    return person.get(f"/v1/crawl-jobs/{job_id}")


EVERYTHING: dict[str, Any] = {
    "validate": {"min_width": 100},
    "analyze": ["basic"],
    "variants": [{"name": "small", "width": 32}],
}


def test_each_step_follows_the_one_before(
    site: Site, start: Start, system: System, person: Person
) -> None:
    narrow = site.put("/narrow.jpg", photo(5, side=60))
    job_id = start([*site.photos(3), narrow], **EVERYTHING)
    (validation,) = hold_back(system, "validation-requested")
    job = job_of(person, job_id)
    assert (job["status"], job["stage"], job["progress"]) == ("running", "validating", 99)
    assert (job["valid_images"], job["invalid_images"]) == (4, 0)
    assert job["work"]["variants"] == {"total": 4, "done": 4, "failed": 0}
    system.deliver(validation)
    (analysis,) = hold_back(system, "analysis-job-requested")
    job = job_of(person, job_id)
    assert (job["status"], job["stage"], job["progress"]) == ("running", "analyzing", 99)
    assert (job["valid_images"], job["invalid_images"]) == (3, 1)
    assert job["work"]["validation"] == {"total": 4, "done": 4, "failed": 0}
    assert job["work"]["analyses"] == {"total": 0, "done": 0, "failed": 0}
    assert "crawl-completed" not in system.mailbox.topics()
    system.deliver(analysis)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["stage"], job["error"]) == ("completed", None, None)
    assert (job["valid_images"], job["invalid_images"]) == (3, 1)
    assert job["work"]["analyses"] == {"total": 3, "done": 3, "failed": 0}  # of the valid ones
    assert system.mailbox.topics().count("crawl-completed") == 1
    assert system.mailbox.topics()[-1] == "crawl-completed"


@pytest.mark.parametrize("concurrently", [False, True])
def test_all_of_it_delivered_often_ends_once(
    site: Site, start: Start, system: System, person: Person, concurrently: bool
) -> None:
    job_id = start(site.photos(5), chunk_size=2, **EVERYTHING)
    if concurrently:
        system.drain_concurrently(copies=3)
    else:
        system.drain(copies=3)
    assert set(system.statuses) == {204}
    job = job_of(person, job_id)
    assert (job["status"], job["error"]) == ("completed", None)
    done = {"total": 5, "done": 5, "failed": 0}
    assert job["work"] == dict.fromkeys(("variants", "validation", "analyses"), done)
    assert system.mailbox.topics().count("crawl-completed") == 1


@pytest.mark.parametrize(
    ("topic", "function", "words", "lost"),
    [
        ("validation-requested", "validations-check", "The validation did not end well: ", None),
        ("analysis-job-requested", "analyzer-plan", "The analysis basic did not end well: ", None),
        ("analyses-requested", "analyzer-run", "The analysis basic did not end well: ", "analyses"),
    ],
)
def test_work_that_cannot_be_done_is_named_and_does_not_block(
    site: Site,
    start: Start,
    system: System,
    person: Person,
    topic: str,
    function: str,
    words: str,
    lost: str | None,
) -> None:
    job_id = start(site.photos(2), **EVERYTHING)
    (message,) = hold_back(system, topic)
    system.dead_letter(message, function)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["downloaded_images"]) == ("completed", 2)
    assert words in job["error"]
    if lost:
        assert job["work"][lost] == {"total": 2, "done": 0, "failed": 2}
    assert system.mailbox.topics().count("crawl-completed") == 1
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["error"]) == ("completed", None)


def test_an_analyzer_that_cannot_work_is_named(
    site: Site, crawl: Callable[..., Any], session: Session, person: Person
) -> None:
    model = Model(user_id=person.id, name="m", model_type="onnx", file_path="m")
    session.add(model)
    session.commit()
    job = crawl(site.photos(1), analyze=[f"model:{model.id}", "basic"])
    assert job["status"] == "completed"
    assert f"model:{model.id} did not end well" in job["error"]
    assert job["work"]["analyses"] == {"total": 1, "done": 1, "failed": 0}


@pytest.mark.parametrize(
    "topic",
    ["chunk-ready", "variant-chunk-ready", "validation-requested", "analysis-job-requested"],
)
def test_cancelled_at_any_step_nothing_goes_on_and_a_retry_ends_it(
    site: Site, start: Start, system: System, session: Session, person: Person, topic: str
) -> None:
    job_id = start(site.photos(2), **EVERYTHING)
    late = hold_back(system, topic)
    job = person.post(f"/v1/crawl-jobs/{job_id}/cancel", status=202)
    assert job["status"] == "cancelled"
    for envelope in late:
        assert system.deliver(envelope) == [204]
    system.drain()
    assert job_of(person, job_id) == job
    for table in (ValidationJob, AnalysisJob):
        assert not set(session.scalars(select(table.status))) & {"pending", "running"}
    assert system.mailbox.topics().count("crawl-completed") == 1
    person.post(f"/v1/crawl-jobs/{job_id}/retry", status=202)
    system.drain()
    job = job_of(person, job_id)
    assert (job["status"], job["error"], job["downloaded_images"]) == ("completed", None, 2)
    for work in job["work"].values():
        assert work == {"total": 2, "done": 2, "failed": 0}
    assert system.mailbox.topics().count("crawl-completed") == 2


@pytest.mark.parametrize("step", ["variant-chunk-ready", "validation-requested", "work-settled"])
def test_lost_messages_are_sent_again(
    site: Site, start: Start, system: System, session: Session, person: Person, step: str
) -> None:
    job_id = start(site.photos(2), **EVERYTHING)
    for _ in range(20):
        hold_back(system, step)  # and lose them
        if job_of(person, job_id)["status"] == "completed":
            break
        for table in ("crawl_jobs", "crawl_chunks", "validation_jobs", "analysis_jobs"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER touch_updated_at"))
            session.execute(text(f"UPDATE {table} SET updated_at = now() - interval '1 hour'"))
            session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER touch_updated_at"))
        session.commit()
        system.send(SweepDue())
        for envelope in system.mailbox.take():
            system.deliver(envelope)
        for envelope in system.mailbox.take():  # these are not lost
            system.deliver(envelope)
    job = job_of(person, job_id)
    assert (job["status"], job["error"]) == ("completed", None)
    for work in job["work"].values():
        assert work == {"total": 2, "done": 2, "failed": 0}
    assert system.mailbox.topics().count("crawl-completed") == 1


def test_what_a_job_asks_for_holds_for_what_the_project_has(
    site: Site, crawl: Callable[..., Any], system: System, person: Person
) -> None:
    """A second crawl of the same addresses asks for more, and its export holds it all."""
    urls = site.photos(4)
    crawl(urls, variants=[])
    small = {"name": "small", "width": 32, "height": 32, "format": "webp"}
    job = crawl([*urls, *site.photos(1, first=4)], variants=[small], analyze=["basic"])
    assert (job["downloaded_images"], job["duplicate_images"]) == (1, 4)
    done = {"total": 5, "done": 5, "failed": 0}
    assert (job["work"]["variants"], job["work"]["analyses"]) == (done, done)
    options = {"variant": "small"}
    export = {"name": "e", "format": "csv", "options": options}
    export = person.post(f"/v1/crawl-jobs/{job['id']}/export-jobs", export, 202)
    system.drain()
    export = person.get(f"/v1/export-jobs/{export['id']}")
    assert (export["total_images"], export["exported_images"], export["error"]) == (5, 5, None)
