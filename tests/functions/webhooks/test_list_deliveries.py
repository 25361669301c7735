"""Listing what was sent."""

from typing import Any

from tests.harness import Person, System
from tests.receivers import Receiver, list_deliveries, send_test


def test_each_delivery_says_what_came_of_it(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    first = send_test(person, webhook)
    assert (first["status"], first["attempts"]) == ("pending", 0)
    system.drain()
    receiver.statuses, receiver.body = [503], b"busy\0\x1b[31m\xff" + b"x" * 5000
    second = send_test(person, webhook)
    system.drain()
    failed, accepted = list_deliveries(person, webhook)
    assert (accepted["id"], failed["id"]) == (first["id"], second["id"])
    assert accepted["status"] == "completed"
    assert accepted["response_excerpt"] == "thanks"
    assert accepted["delivered_at"] is not None
    assert accepted["next_attempt_at"] is None
    assert (failed["status"], failed["attempts"]) == ("pending", 1)
    assert failed["response_status"] == 503
    assert failed["error"] == "It answered 503; only 200 to 299 count as accepted."
    assert failed["next_attempt_at"] > failed["created_at"]
    assert failed["response_excerpt"].startswith("busy [31m")
    assert len(failed["response_excerpt"]) <= 1024
    waiting = person.get(f"/v1/webhooks/{webhook['id']}/deliveries?status=pending&limit=1")
    assert [one["id"] for one in waiting["items"]] == [second["id"]]
