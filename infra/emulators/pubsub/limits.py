"""What Pub/Sub refuses: names, sizes and ranges, with the defaults that it fills in."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from infra.emulators.pubsub import filters
from infra.emulators.pubsub.errors import invalid, unsupported

MAX_MESSAGES = 1_000
MAX_REQUEST_BYTES = 10_000_000
MAX_ATTRIBUTES = 100
MAX_KEY_BYTES = 256
MAX_VALUE_BYTES = 1_024
MAX_ORDERING_KEY_BYTES = 1_024
DAY = 86_400

MUTABLE_SUBSCRIPTION_FIELDS = frozenset(
    {
        "ack_deadline_seconds",
        "dead_letter_policy",
        "expiration_policy",
        "labels",
        "message_retention_duration",
        "push_config",
        "retain_acked_messages",
        "retry_policy",
    }
)
MUTABLE_TOPIC_FIELDS = frozenset({"labels", "message_retention_duration"})

_PROJECT = r"projects/[^/\s]+"
_RESOURCE = re.compile(rf"{_PROJECT}/(topics|subscriptions)/([A-Za-z][A-Za-z0-9\-_.~+%]{{2,254}})")


def check_name(kind: str, name: str) -> None:
    """Refuses a name that is not `projects/P/<kind>/N` with a valid N (Topic.name in the API)."""
    match = _RESOURCE.fullmatch(name)
    if match is None or match[1] != kind or match[2].startswith("goog"):
        raise invalid(f"Invalid [{kind}] name: (name={name})")


def check_project(name: str) -> None:
    """Refuses a name that is not `projects/P`."""
    if not re.fullmatch(_PROJECT, name):
        raise invalid(f"Invalid project name: (name={name})")


def check_topic(topic: Any) -> None:
    """Refuses a topic that the service would not take, or that needs what is not emulated."""
    check_name("topics", topic.name)
    for field in ("schema_settings", "ingestion_data_source_settings"):
        if topic.HasField(field):
            raise unsupported(f"Topic.{field}")
    if topic.message_transforms:
        raise unsupported("Topic.message_transforms")
    if topic.HasField("message_retention_duration"):
        _check_seconds(
            "message_retention_duration", topic.message_retention_duration, 600, 31 * DAY
        )


def check_update(paths: Sequence[str], mutable: frozenset[str], known: Sequence[str]) -> None:
    """Refuses an update mask that is empty or names what cannot be changed."""
    if not paths:
        raise invalid("The update_mask must be set, and must contain a non-empty paths list.")
    for path in paths:
        if path not in known:
            raise invalid(f"Invalid update_mask: {path} is not a known field.")
        if path not in mutable:
            raise invalid(f"Invalid update_mask: the {path} field is not mutable.")


def check_messages(request: Any) -> None:
    """Refuses a publish request beyond the quotas of cloud.google.com/pubsub/quotas."""
    messages = request.messages
    if not messages:
        raise invalid("No messages to publish")
    if len(messages) > MAX_MESSAGES:
        raise invalid(f"Too many messages to publish: at most {MAX_MESSAGES}")
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise invalid(f"Publish request is larger than {MAX_REQUEST_BYTES} bytes")
    if len({message.ordering_key for message in messages}) > 1:
        raise invalid("All messages of a publish request must have the same ordering key")
    for message in messages:
        _check_message(message)


def _check_message(message: Any) -> None:
    if not message.data and not message.attributes:
        raise invalid("Some messages are empty")
    if len(message.ordering_key.encode()) > MAX_ORDERING_KEY_BYTES:
        raise invalid(f"Ordering key is longer than {MAX_ORDERING_KEY_BYTES} bytes")
    if len(message.attributes) > MAX_ATTRIBUTES:
        raise invalid(f"A message has more than {MAX_ATTRIBUTES} attributes")
    for key, value in message.attributes.items():
        if not key or len(key.encode()) > MAX_KEY_BYTES:
            raise invalid(f"An attribute key must have 1 to {MAX_KEY_BYTES} bytes: {key[:40]!r}")
        if key.startswith("goog"):
            raise invalid(f'An attribute key must not start with "goog": {key[:40]!r}')
        if len(value.encode()) > MAX_VALUE_BYTES:
            raise invalid(f"Attribute {key!r} has a value of more than {MAX_VALUE_BYTES} bytes")


def check_subscription(config: Any) -> None:
    """Fill in the defaults, then refuses what is out of range (Subscription in the API)."""
    check_name("subscriptions", config.name)
    _fill_in(config)
    if not 10 <= config.ack_deadline_seconds <= 600:
        raise invalid("ack_deadline_seconds out of bounds: 10 to 600")
    _check_seconds("message_retention_duration", config.message_retention_duration, 600, 31 * DAY)
    if config.expiration_policy.HasField("ttl"):
        _check_seconds("expiration_policy.ttl", config.expiration_policy.ttl, DAY, 10**11)
    if config.HasField("retry_policy"):
        retry = config.retry_policy
        _check_seconds("minimum_backoff", retry.minimum_backoff, 0, 600)
        _check_seconds("maximum_backoff", retry.maximum_backoff, 0, 600)
        if seconds(retry.minimum_backoff) > seconds(retry.maximum_backoff):
            raise invalid("maximum_backoff is smaller than minimum_backoff")
    if config.HasField("dead_letter_policy") and not (
        5 <= config.dead_letter_policy.max_delivery_attempts <= 100
    ):
        raise invalid("max_delivery_attempts out of bounds: 5 to 100")
    check_push_config(config.push_config)
    filters.parse(config.filter)
    _refuse_unsupported(config)


def check_push_config(push_config: Any) -> None:
    """Refuses an endpoint that is no http(s) URL; the service itself takes only https."""
    if push_config.HasField("no_wrapper"):
        raise unsupported("PushConfig.no_wrapper")
    if endpoint := push_config.push_endpoint:
        try:
            url = urlsplit(endpoint)
            usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise invalid(f"Unsupported push_endpoint: {endpoint}")


def seconds(duration: Any) -> float:
    """Return a protobuf Duration in seconds."""
    return float(duration.seconds + duration.nanos / 1e9)


def _fill_in(config: Any) -> None:
    if not config.ack_deadline_seconds:
        config.ack_deadline_seconds = 10
    config.push_config.SetInParent()
    if not config.HasField("message_retention_duration"):
        config.message_retention_duration.seconds = 7 * DAY
    if not config.HasField("expiration_policy"):
        config.expiration_policy.ttl.seconds = 31 * DAY
    if config.HasField("retry_policy"):
        if not config.retry_policy.HasField("minimum_backoff"):
            config.retry_policy.minimum_backoff.seconds = 10
        if not config.retry_policy.HasField("maximum_backoff"):
            config.retry_policy.maximum_backoff.seconds = 600
    if config.HasField("dead_letter_policy"):
        policy = config.dead_letter_policy
        policy.max_delivery_attempts = policy.max_delivery_attempts or 5


def _refuse_unsupported(config: Any) -> None:
    for field in ("bigquery_config", "bigtable_config", "cloud_storage_config"):
        if config.HasField(field):
            raise unsupported(f"Subscription.{field}")
    if config.message_transforms:
        raise unsupported("Subscription.message_transforms")
    if config.enable_exactly_once_delivery:
        if config.push_config.push_endpoint:
            raise invalid("enable_exactly_once_delivery is not possible with push")
        raise unsupported("Subscription.enable_exactly_once_delivery")


def _check_seconds(field: str, duration: Any, low: float, high: float) -> None:
    if not low <= seconds(duration) <= high:
        raise invalid(f"{field} is out of bounds: {low} s to {high} s")
