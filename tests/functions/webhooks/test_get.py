"""Showing a webhook."""

from typing import Any

from tests.harness import Person, System
from tests.receivers import Receiver, send_test


def test_it_says_since_when_it_fails_and_why(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    receiver.statuses = [500]
    send_test(person, webhook)
    system.drain()
    shown = person.get(f"/v1/webhooks/{webhook['id']}")
    assert shown["is_active"]
    assert shown["failing_since"] is not None
    assert shown["error"] == "It answered 500; only 200 to 299 count as accepted."
