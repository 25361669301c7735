"""Sending a delivery again."""

from typing import Any

from tests.harness import Person, System, expect
from tests.receivers import Receiver, list_deliveries, send_test


def replay(person: Person, delivery: Any) -> Any:
    return person.post(f"/v1/webhook-deliveries/{delivery['id']}/replay", status=202)


def test_the_same_id_and_body_go_out_again(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    delivery = send_test(person, webhook)
    system.drain()
    again = replay(person, delivery)
    assert (again["status"], again["attempts"]) == ("pending", 0)
    assert again["event_id"] == delivery["event_id"]
    system.drain()
    first, second = receiver.posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["event_id"]
    assert first.body == second.body
    (listed,) = list_deliveries(person, webhook)
    assert (listed["status"], listed["attempts"]) == ("completed", 1)


def test_one_that_waits_after_a_failure_goes_out_at_once(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    receiver.statuses = [500]
    delivery = send_test(person, webhook)
    system.drain()
    replay(person, delivery)
    system.drain()
    (listed,) = list_deliveries(person, webhook)
    assert listed["status"] == "completed"


def test_a_paused_webhook_is_resumed_first(person: Person, webhook: Any) -> None:
    delivery = send_test(person, webhook)
    expect(person.request("PATCH", f"/v1/webhooks/{webhook['id']}", {"is_active": False}), 200)
    problem = expect(person.request("POST", f"/v1/webhook-deliveries/{delivery['id']}/replay"), 409)
    assert problem["detail"] == "The webhook is paused; resume it first, with is_active true."
