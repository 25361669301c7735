"""Testing webhooks."""

import json
from typing import Any

import pytest

from functions.webhooks import send_test as operation
from shared.quotas import Quotas
from tests.harness import Person, System, expect
from tests.receivers import Receiver, send_test


def test_an_event_of_no_consequence_is_sent(
    system: System, person: Person, receiver: Receiver, webhook: Any
) -> None:
    delivery = send_test(person, webhook)
    system.drain()
    (post,) = receiver.posts
    assert json.loads(post.body) == delivery["payload"]
    assert delivery["payload"]["type"] == delivery["event"] == "webhook.test"
    assert delivery["payload"]["data"] == {"webhook_id": webhook["id"]}
    assert post.headers["content-type"] == "application/json"
    assert "expect" not in post.headers


def test_no_more_wait_than_the_quota(
    person: Person, webhook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "QUOTAS", Quotas(waiting_deliveries=1))
    send_test(person, webhook)
    response = person.request("POST", f"/v1/webhooks/{webhook['id']}/test")
    assert expect(response, 429)["detail"].startswith("The limit is 1 deliveries that wait")
    assert response.headers["Retry-After"] == "60"
