"""Checks of names, sizes and ranges as Pub/Sub makes them, and of what is not emulated."""

import re
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from infra.emulators.pubsub.errors import make_invalid_argument_error, make_unimplemented_error

MAX_MESSAGES = 1_000
MAX_REQUEST_BYTES = 10_000_000
MAX_ATTRIBUTES = 100
MAX_KEY_BYTES = 256
MAX_VALUE_BYTES = 1_024

_MUTABLE = frozenset({"ack_deadline_seconds", "dead_letter_policy", "push_config", "retry_policy"})
_PROJECT = r"projects/[^/\s]+"
_RESOURCE = re.compile(rf"{_PROJECT}/(topics|subscriptions)/([A-Za-z][A-Za-z0-9\-_.~+%]{{2,254}})")


def check_name(kind: str, name: str) -> None:
    """Refuse a name that is not `projects/P/<kind>/N` with a valid N (Topic.name in the API)."""
    match = _RESOURCE.fullmatch(name)
    if match is None or match[1] != kind or match[2].startswith("goog"):
        raise make_invalid_argument_error(f"Invalid [{kind}] name: (name={name})")


def check_project(name: str) -> None:
    """Refuse a name that is not `projects/P`."""
    if not re.fullmatch(_PROJECT, name):
        raise make_invalid_argument_error(f"Invalid project name: (name={name})")


def check_topic(topic: Any) -> None:
    """Refuse a topic that the service would not take, or that needs what is not emulated."""
    check_name("topics", topic.name)
    _check_fields(topic, {"name"})


def check_update(paths: Sequence[str]) -> None:
    """Refuse an update mask of a subscription that is empty or names what cannot be changed."""
    if not paths:
        raise make_invalid_argument_error(
            "The update_mask must be set, and must contain a non-empty paths list."
        )
    for path in paths:
        if path not in _MUTABLE:
            raise make_invalid_argument_error(f"Invalid update_mask: {path} cannot be changed.")


def check_messages(request: Any) -> None:
    """Refuse a publish request beyond the quotas of cloud.google.com/pubsub/quotas."""
    messages = request.messages
    if not messages:
        raise make_invalid_argument_error("No messages to publish")
    if len(messages) > MAX_MESSAGES:
        raise make_invalid_argument_error(f"Too many messages to publish: at most {MAX_MESSAGES}")
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise make_invalid_argument_error(
            f"Publish request is larger than {MAX_REQUEST_BYTES} bytes"
        )
    for message in messages:
        _check_message(message)


def check_subscription(config: Any) -> None:
    """Fill in the defaults, then refuse what is out of range (Subscription in the API)."""
    check_name("subscriptions", config.name)
    _check_fields(
        config,
        {
            *("name", "topic", "push_config"),
            *("ack_deadline_seconds", "retry_policy", "dead_letter_policy"),
        },
    )
    config.ack_deadline_seconds = config.ack_deadline_seconds or 10
    config.push_config.SetInParent()
    if not 10 <= config.ack_deadline_seconds <= 600:
        raise make_invalid_argument_error("ack_deadline_seconds out of bounds: 10 to 600")
    if config.HasField("retry_policy"):
        _check_retry_policy(config.retry_policy)
    if config.HasField("dead_letter_policy"):
        policy = config.dead_letter_policy
        policy.max_delivery_attempts = policy.max_delivery_attempts or 5
        if not 5 <= policy.max_delivery_attempts <= 100:
            raise make_invalid_argument_error("max_delivery_attempts out of bounds: 5 to 100")
    _check_push_config(config.push_config)


def to_seconds(duration: Any) -> float:
    """Return a protobuf Duration in seconds."""
    return float(duration.seconds + duration.nanos / 1e9)


def _check_fields(message: Any, known: Collection[str]) -> None:
    for field, _ in message.ListFields():
        if field.name not in known:
            raise make_unimplemented_error(f"{message.DESCRIPTOR.name}.{field.name}")


def _check_message(message: Any) -> None:
    if not message.data and not message.attributes:
        raise make_invalid_argument_error("Some messages are empty")
    _check_fields(message, {"data", "attributes", "message_id", "publish_time"})
    if len(message.attributes) > MAX_ATTRIBUTES:
        raise make_invalid_argument_error(f"A message has more than {MAX_ATTRIBUTES} attributes")
    for key, value in message.attributes.items():
        if not key or len(key.encode()) > MAX_KEY_BYTES:
            raise make_invalid_argument_error(
                f"An attribute key must have 1 to {MAX_KEY_BYTES} bytes: {key[:40]!r}"
            )
        if key.startswith("goog"):
            raise make_invalid_argument_error(
                f'An attribute key must not start with "goog": {key[:40]!r}'
            )
        if len(value.encode()) > MAX_VALUE_BYTES:
            raise make_invalid_argument_error(
                f"Attribute {key!r} has a value of more than {MAX_VALUE_BYTES} bytes"
            )


def _check_retry_policy(policy: Any) -> None:
    for name, default in (("minimum_backoff", 10), ("maximum_backoff", 600)):
        if not policy.HasField(name):
            getattr(policy, name).seconds = default
        if not 0 <= to_seconds(getattr(policy, name)) <= 600:
            raise make_invalid_argument_error(f"{name} is out of bounds: 0 s to 600 s")
    if to_seconds(policy.minimum_backoff) > to_seconds(policy.maximum_backoff):
        raise make_invalid_argument_error("maximum_backoff is smaller than minimum_backoff")


def _check_push_config(push_config: Any) -> None:
    """Refuse an endpoint that is no http(s) URL; the service itself takes only https."""
    _check_fields(push_config, {"push_endpoint"})
    if endpoint := push_config.push_endpoint:
        try:
            url = urlsplit(endpoint)
            usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise make_invalid_argument_error(f"Unsupported push_endpoint: {endpoint}")
