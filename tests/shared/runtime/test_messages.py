"""The part of every delivery that does not depend on its handler."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from shared.errors import NotFound
from shared.messaging.messages import CrawlRequested, ObjectsReleased, RelayDue
from shared.messaging.outbox import Envelope
from shared.models import CrawlJob, DeadLetter, Delivery, OutboxMessage, Project
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions
from shared.runtime.messages import receive_push
from shared.services import Services
from tests.harness import Person, System, in_parallel, push_body

PROJECT = new_id()
PLANNING = next(one for _, one in list_message_functions() if one.message is CrawlRequested)


def request_for(envelope: Envelope) -> Request:
    """Return the push of an envelope to the function that plans crawls."""
    push = push_body(envelope, "crawler-plan")
    return Request(EnvironBuilder(method="POST", json=push).get_environ())


def make_released() -> Envelope:
    body = ObjectsReleased(project_id=PROJECT, names=[]).model_dump(mode="json")
    identity = new_id()
    return Envelope(identity, "objects-released", body, {"pixmill-id": str(identity)})


def claims(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_repeat_is_acknowledged_without_a_second_effect(system: System, session: Session) -> None:
    due = Envelope(new_id(), RelayDue.topic, {}, {"pixmill-id": str(new_id())})
    assert system.deliver(due) == [204]
    assert system.deliver(due) == [204]
    assert claims(session) == 1


def test_repeats_at_the_same_time(system: System, session: Session) -> None:
    due = Envelope(new_id(), RelayDue.topic, {}, {"pixmill-id": str(new_id())})
    statuses = in_parallel([lambda: system.deliver(due)] * 8)
    assert statuses == [[204]] * 8
    assert claims(session) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"message": {}}',
        b'{"message": {"messageId": "1", "data": "%%%"}}',
        b'{"message": {"messageId": "1", "data": "W10="}}',
    ],
)
def test_what_nobody_can_read_is_not_delivered_for_ever(system: System, body: bytes) -> None:
    response = system.worker.post(
        "/upkeep-remove-objects", data=body, content_type="application/json"
    )
    assert response.status_code == 204


def test_a_body_of_another_shape_is_kept_as_a_dead_letter(system: System, session: Session) -> None:
    envelope = Envelope(new_id(), "objects-released", {"project_id": "none"}, {})
    push = push_body(envelope, "upkeep-remove-objects")
    assert system.worker.post("/upkeep-remove-objects", json=push).status_code == 204
    dead = session.scalars(select(DeadLetter)).one()
    assert dead.message == {"project_id": "none"}
    assert "project_id" in (dead.reason or "")
    assert system.worker.post("/upkeep-remove-objects", json=push).status_code == 204


def test_a_final_failure_is_recorded_once(system: System, session: Session) -> None:
    def refuse(requested: CrawlRequested) -> None:
        raise NotFound

    body = {"crawl_job_id": str(new_id())}
    envelope = Envelope(new_id(), "crawl-requested", body, {"pixmill-id": "1"})

    def push() -> int:
        return receive_push(replace(PLANNING, handler=refuse), request_for(envelope)).status_code

    assert in_parallel([push] * 3) == [204] * 3
    assert claims(session) == 1


def test_what_a_failed_attempt_tells_its_owner(person: Person, session: Session) -> None:
    def broken(requested: CrawlRequested) -> None:
        raise RuntimeError("SELECT secret FROM /srv/app/file.py")

    project = Project(user_id=person.id, name="p")
    session.add(project)
    session.flush()
    job = CrawlJob(project_id=project.id, name="j", source={}, options={})
    session.add(job)
    session.commit()
    envelope = Envelope(new_id(), "crawl-requested", {"crawl_job_id": str(job.id)}, {})
    response = receive_push(replace(PLANNING, handler=broken), request_for(envelope))
    assert response.status_code == 500
    (row,) = person.get("/v1/job-stats")["items"]
    assert (row["status"], row["error"]) == (
        "failed",
        "It failed for a passing reason (RuntimeError).",
    )


def test_no_pubsub_client_is_built_for_nothing(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Services, "publisher", property(lambda _: 1 / 0))
    assert system.deliver(make_released()) == [204]
    person = system.person()
    project = person.post("/v1/projects", {"name": "p"})
    # What has been committed is not taken back by a client that cannot be built.
    assert person.request("DELETE", f"/v1/projects/{project['id']}").status_code == 204


def test_a_passing_failure_is_a_nack_and_leaves_no_trace(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared.storage.bucket import Storage

    def down(*_: Any, **__: Any) -> list[str]:
        raise ConnectionError("storage is down")

    envelope = make_released()
    envelope.body["prefixes"] = ["images/x/"]
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "list_names", down)
        assert system.deliver(envelope) == [500]
    assert claims(session) == 0
    assert system.deliver(envelope) == [204]
    session.rollback()
    assert claims(session) == 1


def test_cloud_events_are_read_too(system: System, session: Session) -> None:
    data = base64.b64encode(b"{}").decode()
    body = {"message": {"data": data, "messageId": "77"}, "subscription": "s"}
    headers = {
        "ce-id": "77",
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/relay-due",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    }
    response = system.worker.post("/upkeep-relay-outbox", json=body, headers=headers)
    assert response.status_code == 204
    structured = {"specversion": "1.0", "type": headers["ce-type"], "id": "77", "data": body}
    response = system.worker.post(
        "/upkeep-relay-outbox",
        data=json.dumps(structured),
        content_type="application/cloudevents+json",
    )
    assert response.status_code == 204
    assert session.scalars(select(Delivery.message_id)).all() == ["77"]


def test_the_trace_travels(system: System) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    person = system.person()
    project = person.post("/v1/projects", {"name": "p"})
    path = f"/v1/projects/{project['id']}"
    person.request("DELETE", path, headers={"traceparent": trace})
    assert [one.attributes["traceparent"] for one in system.mailbox.sent] == [trace]


def test_an_outbox_row_is_marked_when_it_has_left(system: System, session: Session) -> None:
    person = system.person()
    for broken in (False, True):
        system.mailbox.broken = broken
        project = person.post("/v1/projects", {"name": "p"})
        person.request("DELETE", f"/v1/projects/{project['id']}")
    unsent = select(OutboxMessage.sent_at.is_(None)).order_by(OutboxMessage.id)
    assert session.scalars(unsent).all() == [False, True]
