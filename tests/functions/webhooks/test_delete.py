"""Deleting webhooks."""

from typing import Any

from tests.harness import Person, System, expect
from tests.receivers import Receiver, send_test


def test_nothing_is_sent_any_more(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    send_test(person, webhook)
    expect(person.request("DELETE", f"/v1/webhooks/{webhook['id']}"), 204)
    system.drain()
    assert receiver.posts == []
    assert person.get("/v1/webhooks")["items"] == []
    expect(person.request("GET", f"/v1/webhooks/{webhook['id']}/deliveries"), 404)
