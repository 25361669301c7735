"""Reads what Pub/Sub pushes: the raw push envelope, and the CloudEvents that triggers send.

Both shapes are parsed here because functions-framework's own conversion drops the subscription,
the delivery attempt and the ordering key, and refuses a message without data.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from flask import Request
from werkzeug.datastructures import Headers

from shared.calls import Received
from shared.errors import BadRequest
from shared.messaging.outbox import DEAD_LETTER_SOURCE, ID_ATTRIBUTE

_STORAGE_EVENT = "google.cloud.storage.object.v1."


def read_delivery(request: Request) -> Received:
    """Return the message in a push request. Raises `BadRequest` when it is neither known shape."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        raise BadRequest("The push is not valid JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("The push is not a JSON object.")
    event = request.headers.get("ce-type") or body.get("type")
    if isinstance(event, str) and event.startswith(_STORAGE_EVENT):
        return _read_storage_event(request.headers, body)
    if "data" in body and "message" not in body:
        body = body["data"]  # a CloudEvent in structured mode
    if not isinstance(body, dict) or not isinstance(body.get("message"), dict):
        raise BadRequest("The push holds no message.")
    return _read_push(body, request.headers)


def _read_push(body: Mapping[str, Any], headers: Headers) -> Received:
    message = body["message"]
    given, attempt = message.get("attributes") or {}, body.get("deliveryAttempt")
    if not isinstance(given, dict):
        raise BadRequest("The message's attributes are not an object.")
    attributes = {str(name): str(value) for name, value in given.items()}
    message_id = message.get("messageId") or message.get("message_id") or headers.get("ce-id")
    if not message_id:
        raise BadRequest("The message has no id.")
    # With its time, because the ids of an emulator without a memory begin again at 1.
    published = message.get("publishTime") or message.get("publish_time")
    identity = attributes.get(ID_ATTRIBUTE) or "@".join(filter(None, (message_id, published)))
    if given_up_by := attributes.get(f"{DEAD_LETTER_SOURCE}Subscription"):
        identity = f"{identity}:{given_up_by}"  # another one may give the same message up too
    return Received(
        id=str(identity),
        body=_decode_payload(message.get("data")),
        attributes=attributes,
        subscription=str(body.get("subscription") or ""),
        attempt=attempt if isinstance(attempt, int) else 1,
    )


def _read_storage_event(headers: Headers, body: Mapping[str, Any]) -> Received:
    """Return a Cloud Storage event that came directly: the object's resource is the payload."""
    resource = body["data"] if "specversion" in body else body
    if not isinstance(resource, dict):
        raise BadRequest("The storage event holds no object.")
    return Received(
        id=str(headers.get("ce-id") or body.get("id") or resource.get("id")),
        body=dict(resource),
        attributes={},
        subscription="",
        attempt=1,
    )


def _decode_payload(data: Any) -> dict[str, Any]:
    if not data:
        return {}
    try:
        value = json.loads(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise BadRequest("The message's data is not JSON in base64.") from None
    if not isinstance(value, dict):
        raise BadRequest("The message's data is not a JSON object.")
    return value
