"""Listing webhooks."""

from typing import Any

from tests.harness import Person, System
from tests.receivers import Receiver, make_webhook


def test_ones_own_newest_first_without_secrets(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    later = make_webhook(person, receiver, "/other")
    make_webhook(system.person(), receiver)
    listed = person.get("/v1/webhooks")["items"]
    assert [one["id"] for one in listed] == [later["id"], webhook["id"]]
    assert "secret" not in listed[0]
