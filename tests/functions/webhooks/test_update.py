"""Changing, pausing and resuming webhooks."""

from typing import Any

from sqlalchemy.orm import Session

from tests.harness import Person, System, expect
from tests.receivers import Receiver, list_deliveries, pass_time, send_test


def update(person: Person, webhook: Any, **changes: Any) -> Any:
    return expect(person.request("PATCH", f"/v1/webhooks/{webhook['id']}", changes), 200)


def test_what_waits_for_a_paused_webhook_goes_out_when_it_is_resumed(
    system: System, person: Person, receiver: Receiver, webhook: Any, session: Session
) -> None:
    send_test(person, webhook)
    paused = update(person, webhook, is_active=False)
    assert not paused["is_active"]
    pass_time(session, system)
    assert receiver.posts == []
    (waiting,) = list_deliveries(person, webhook)
    assert (waiting["status"], waiting["next_attempt_at"]) == ("pending", None)
    assert update(person, webhook, is_active=True)["is_active"]
    system.drain()
    assert len(receiver.posts) == 1


def test_a_new_address_is_called_at_once(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    receiver.statuses = [500]
    send_test(person, webhook)
    system.drain()
    changed = update(person, webhook, url=f"{receiver.base_url}/new", events=["version.failed"])
    assert changed["events"] == ["version.failed"]
    assert changed["failing_since"] is None
    system.drain()
    assert [post.path for post in receiver.posts] == ["/hook", "/new"]


def test_a_change_may_be_held_to_what_was_read(person: Person, webhook: Any) -> None:
    path = f"/v1/webhooks/{webhook['id']}"
    tag = {"If-Match": person.request("GET", path).headers["ETag"]}
    update(person, webhook, is_active=False)
    body = {"events": ["version.failed"]}
    expect(person.request("PATCH", path, body, headers=tag), 412)
    assert person.get(path)["events"] == webhook["events"]
    tag = {"If-Match": person.request("GET", path).headers["ETag"]}
    assert expect(person.request("PATCH", path, body, headers=tag), 200)["events"] == body["events"]


def test_an_address_that_is_never_called_is_refused(person: Person, webhook: Any) -> None:
    body = {"url": "http://169.254.169.254/"}
    problem = expect(person.request("PATCH", f"/v1/webhooks/{webhook['id']}", body), 422)
    assert problem["errors"][0]["pointer"] == "/url"
