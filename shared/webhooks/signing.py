"""Secrets and signatures as Standard Webhooks 1.0.0 has them (symmetric, `v1`)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID

_PREFIX = "whsec_"
_KEY_BYTES = 32  # the specification asks for 24 to 64


def make_secret() -> str:
    """Make a signing secret in the form in which receivers are given it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def make_headers(
    keys: Sequence[str], event_id: UUID, timestamp: int, body: bytes
) -> Mapping[str, str]:
    """Return the headers that identify and sign a body.

    `timestamp` is the attempt's, in seconds since 1970. With several secrets there are as many
    signatures, of which a receiver needs to know one.
    """
    signed = f"{event_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_sign(key, signed) for key in keys),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
