"""The shapes in which a message arrives, and the id by which it is known again."""

import base64
import json
from typing import Any

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from shared.calls import Received
from shared.errors import BadRequest
from shared.messaging.deliveries import read_delivery


def read(body: Any, **headers: str) -> Received:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    builder = EnvironBuilder(method="POST", data=json.dumps(body), headers=Headers(named))
    return read_delivery(Request(builder.get_environ()))


def message(**more: Any) -> dict[str, Any]:
    return {"data": base64.b64encode(b'{"a": 1}').decode(), "messageId": "7", **more}


def test_a_raw_push() -> None:
    push = {"message": message(attributes={"k": "v"}), "subscription": "s", "deliveryAttempt": 3}
    assert read(push) == Received("7", {"a": 1}, {"k": "v"}, "s", 3)


def test_the_outbox_row_is_the_identity_where_there_is_one() -> None:
    attributes = {"pixmill-id": "row"}
    assert read({"message": message(attributes=attributes, publishTime="t")}).id == "row"


def test_an_id_that_begins_again_is_told_apart_by_its_time() -> None:
    first, again, after_restart = (
        read({"message": message(publishTime=time)}).id for time in ("10:00", "10:00", "11:00")
    )
    assert first == again
    assert first != after_restart


def test_a_storage_event_carries_its_object() -> None:
    resource = {"bucket": "b", "name": "uploads/x", "generation": "1"}
    event = "google.cloud.storage.object.v1.finalized"
    binary = read(resource, ce_type=event, ce_id="9")
    structured = read({"specversion": "1.0", "type": event, "id": "9", "data": resource})
    assert binary == structured == Received("9", resource, {}, "", 1)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"message": 1},
        {"message": {"messageId": "1", "attributes": ["a"]}},
        {"message": {"messageId": "1", "data": "W10="}},
        {"message": {"data": "", "publishTime": "no id"}},
        {"type": "google.cloud.storage.object.v1.finalized", "specversion": "1.0", "data": 1},
    ],
)
def test_anything_else_is_refused(body: Any) -> None:
    with pytest.raises(BadRequest):
        read(body)


def test_a_strange_attempt_counts_as_the_first() -> None:
    assert read({"message": message(), "deliveryAttempt": "many"}).attempt == 1
