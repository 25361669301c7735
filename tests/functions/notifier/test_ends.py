"""An event leaves when a job of its kind really ends, however it ends."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.messaging.messages import WebhookReady
from shared.schemas.webhooks import ENDINGS, EVENTS
from shared.webhooks.events import SOURCES
from tests.harness import Person, System
from tests.receivers import Receiver, make_webhook
from tests.registry import register
from tests.sites import Site, allow_sites, project, serve

__all__ = ["project"]

Job = dict[str, Any]
Ask = Callable[..., Job]


@pytest.fixture(autouse=True)
def listening(person: Person, receiver: Receiver) -> None:
    """A webhook that wants to hear of everything."""
    make_webhook(person, receiver, events=list(EVENTS))


@pytest.fixture
def site(receiver: Receiver) -> Iterator[Site]:
    """A photo site that may be asked, beside the receiver."""
    with serve() as site, allow_sites(site, receiver):
        yield site


@pytest.fixture
def crawl(person: Person, system: System, project: str, site: Site) -> Job:
    """A crawl of two photographs that has ended."""
    job = start_crawl(person, project, {"type": "urls", "urls": site.photos(2)})
    system.drain()
    return job


@pytest.fixture
def ask(person: Person, project: str, crawl: Job) -> Ask:
    """Ask for a job of a kind about what was crawled."""
    requests: dict[str, tuple[str, Any]] = {
        "analysis_job": (f"crawl-jobs/{crawl['id']}/analysis-jobs", {"analyzer": "basic"}),
        "crawl_job": (
            f"projects/{project}/crawl-jobs",
            {"name": "c", "source": {"type": "urls", "urls": ["http://127.0.0.1:1/"]}},
        ),
        "export_job": (f"projects/{project}/export-jobs", {"name": "e", "format": "zip"}),
        "validation_job": (
            f"crawl-jobs/{crawl['id']}/validation-jobs",
            {"name": "v", "rules": {"min_width": 1}},
        ),
        "verification_job": (f"projects/{project}/verification-jobs", {}),
        "version": (f"projects/{project}/versions", {"name": "v"}),
    }

    def ask(kind: str) -> Job:
        path, body = requests[kind]
        job: Job = person.post(f"/v1/{path}", body, 202)
        return job

    return ask


def start_crawl(person: Person, project: str, source: Any, **options: Any) -> Job:
    """Ask for a crawl."""
    body = {"name": "c", "source": source, "options": options}
    job: Job = person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)
    return job


def list_heard(receiver: Receiver) -> dict[str, Any]:
    """Return what was posted, by the ids of the jobs; fail the test where one was told twice."""
    told = [json.loads(post.body) for post in receiver.posts]
    by_job = {one["data"]["id"]: one for one in told}
    assert len(by_job) == len(told)
    return by_job


def check_event(person: Person, heard: dict[str, Any], kind: str, job: Job, status: str) -> None:
    """Fail the test unless the end was told as the API shows it."""
    event = heard[job["id"]]
    assert event["type"] == f"{kind}.{status}"
    assert event["data"]["url"] == f"{SOURCES[kind].path}/{job['id']}"
    row = person.get(event["data"]["url"])
    if kind != "model_verification":  # a model goes on as `active` or `rejected`
        assert row["status"] == event["data"]["status"] == status


def test_every_kind_that_is_done(
    system: System, person: Person, receiver: Receiver, crawl: Job, ask: Ask
) -> None:
    jobs = {kind: ask(kind) for kind in sorted({*ENDINGS} - {"crawl_job", "model_verification"})}
    jobs |= {"crawl_job": crawl, "model_verification": register(person, system)}
    system.drain()
    heard = list_heard(receiver)
    assert len(heard) == len(ENDINGS)
    for kind in ENDINGS:
        check_event(person, heard, kind, jobs[kind], "completed")


def test_every_kind_whose_worker_gave_up(
    system: System, person: Person, receiver: Receiver, ask: Ask
) -> None:
    receiver.posts.clear()
    jobs = {}
    for kind in sorted({*ENDINGS} - {"model_verification"}):
        jobs[kind] = ask(kind)
        for envelope in system.mailbox.take():
            if envelope.topic != WebhookReady.topic:
                system.dead_letter(envelope)
        system.drain()
    jobs["model_verification"] = register(person, system, b"no model")
    system.drain()
    heard = list_heard(receiver)
    assert len(heard) == len(ENDINGS)
    for kind in ENDINGS:
        check_event(person, heard, kind, jobs[kind], "failed")


def test_what_fails_by_itself(
    system: System, person: Person, receiver: Receiver, project: str, site: Site
) -> None:
    page = {"type": "pages", "pages": [f"{site.base_url}/gone"]}
    crawl = start_crawl(person, project, page)
    empty = {"name": "e", "format": "zip"}
    export = person.post(f"/v1/projects/{project}/export-jobs", empty, 202)
    system.drain()
    heard = list_heard(receiver)
    check_event(person, heard, "crawl_job", crawl, "failed")
    check_event(person, heard, "export_job", export, "failed")


@pytest.mark.parametrize("kind", ["analysis_job", "crawl_job", "verification_job"])
def test_what_its_owner_cancels(
    system: System, person: Person, receiver: Receiver, ask: Ask, kind: str
) -> None:
    receiver.posts.clear()
    job = ask(kind)
    person.post(f"{SOURCES[kind].path}/{job['id']}/cancel", status=202)
    system.drain()
    heard = list_heard(receiver)
    check_event(person, heard, kind, job, "cancelled")
    assert len(heard) == 1


def test_a_validation_is_cancelled_with_the_crawl_that_asked_for_it(
    system: System, person: Person, receiver: Receiver, project: str, site: Site
) -> None:
    source = {"type": "urls", "urls": site.photos(1)}
    crawl = start_crawl(person, project, source, validate={"min_width": 1})
    path = f"/v1/crawl-jobs/{crawl['id']}/validation-jobs"
    while not person.get(path)["items"]:
        for envelope in system.mailbox.take():
            system.deliver(envelope)
    (validation,) = person.get(path)["items"]
    assert validation["status"] == "pending"
    person.post(f"/v1/crawl-jobs/{crawl['id']}/cancel", status=202)
    system.drain()
    heard = list_heard(receiver)
    check_event(person, heard, "validation_job", validation, "cancelled")
    check_event(person, heard, "crawl_job", crawl, "cancelled")


def test_all_ways_to_end_are_tried_above() -> None:
    cancelled = {kind for kind, endings in ENDINGS.items() if "cancelled" in endings}
    assert cancelled == {"analysis_job", "crawl_job", "validation_job", "verification_job"}
