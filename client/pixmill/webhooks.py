"""Webhooks: the events there are, and the posts that bring them, checked."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from pixmill import types
from pixmill.errors import BadSignature, BadSource

EVENTS: tuple[str, ...] = get_args(get_args(get_type_hints(types.WebhookCreate)["events"])[0])
_TOLERANCE = 5 * 60  # seconds, as in the libraries of Standard Webhooks
_PREFIX = "whsec_"


def verify_webhook(
    headers: Mapping[str, str], body: bytes | str, secret: str, *, now: float | None = None
) -> dict[str, Any]:
    """Return the event that a post brings: ``{"type", "timestamp", "data"}``.

    `body` is what came, byte by byte. A post may come twice, under one `webhook-id`: remember
    these. Raises `BadSignature` for what the secret has not signed and for what was signed more
    than five minutes from now, `BadSource` for what is no secret. It follows Standard Webhooks
    1.0.0, "Verifying webhook authenticity".
    """
    sent = {name.lower(): value for name, value in headers.items()}
    try:
        post_id, timestamp = sent["webhook-id"], sent["webhook-timestamp"]
        signatures = sent["webhook-signature"].split()
    except KeyError as error:
        raise BadSignature(f"The post has no header {error.args[0]}.") from None
    content = body.encode() if isinstance(body, str) else body
    signed = f"{post_id}.{timestamp}.".encode() + content
    expected = hmac.new(_read_key(secret), signed, hashlib.sha256).digest()
    if not any(_is_signature(one, expected) for one in signatures):
        raise BadSignature("The secret has not signed this post.")
    if not timestamp.isdecimal():
        raise BadSignature("The header webhook-timestamp is no time.")
    if abs(int(timestamp) - (time.time() if now is None else now)) > _TOLERANCE:
        raise BadSignature("The post was signed more than five minutes from now.")
    event: dict[str, Any] = json.loads(content)
    return event


def _read_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise BadSource("This is no secret of a webhook; one begins with whsec_.")
    return key


def _is_signature(given: str, expected: bytes) -> bool:
    version, _, value = given.partition(",")
    text = base64.b64encode(expected)
    return version == "v1" and hmac.compare_digest(value.encode(), text)
