"""The deployment manifest: every function with its trigger, its terms and what it may touch."""

from itertools import groupby
from typing import Any

from shared.contracts.permissions import find_permissions, list_permissions, uses_database
from shared.declarations import HttpOperation, MessageOperation
from shared.messaging.messages import DeadLettered, Message
from shared.operations.discovery import Function, list_functions, list_message_functions
from shared.operations.platform import check_names

RUNTIME = (3, 11)  # the functions' Python

_ACK_MARGIN = 20  # seconds that a push may take beyond the function's own timeout
_LONGEST_ACK = 600  # seconds, Pub/Sub's limit


def build_manifest() -> dict[str, Any]:
    """Return the manifest as JSON-ready data, in a stable order."""
    functions = sorted(list_functions(), key=lambda function: function.name)
    consumed = {operation.message for _, operation in list_message_functions()}
    published = {message for function in functions for message in function.operation.publishes}
    messages = sorted(consumed | published | {DeadLettered}, key=lambda message: message.topic)
    check_names(
        {function.bundle for function in functions}, [message.topic for message in messages]
    )
    return {
        "runtime": "python{}{}".format(*RUNTIME),
        "bundles": {
            bundle: list_permissions(bundle, members, published)
            for bundle, members in groupby(functions, lambda function: function.bundle)
        },
        "functions": {function.service: _describe_function(function) for function in functions},
        "topics": [message.topic for message in messages],
        "dead_letter_topic": DeadLettered.topic,
        "schedules": {message.topic: message.schedule for message in messages if message.schedule},
        "bucket_events": {
            message.topic: message.bucket_prefix for message in messages if message.bucket_prefix
        },
    }


def _describe_function(function: Function) -> dict[str, Any]:
    operation = function.operation
    terms = operation.terms
    entry: dict[str, Any] = {
        "bundle": function.bundle,
        "entry_point": function.name,
        "description": function.summary,
        "memory": terms.memory,
        "cpu": terms.cpu,
        "timeout": terms.timeout,
        "concurrency": terms.concurrency,
        "max_instances": terms.max_instances,
        "min_instances": terms.min_instances,
        "publishes": _list_topics(operation.publishes),
        "storage": "bucket" in find_permissions(operation),
        "database": uses_database(operation),
    }
    if isinstance(operation, HttpOperation):
        entry["http"] = {
            "method": operation.method,
            "path": operation.path,
            "public": operation.public,
        }
    else:
        entry["message"] = {
            "topic": operation.message.topic,
            "attempts": operation.retries.attempts,
            "min_backoff": operation.retries.min_backoff,
            "max_backoff": operation.retries.max_backoff,
            "ack_deadline": to_ack_deadline(operation),
            "dead_letter": operation.message is not DeadLettered,
            "shared": operation.message.slots > 0,
        }
    return entry


def to_ack_deadline(operation: MessageOperation) -> int:
    """Return the seconds until Pub/Sub gives up a push: a little longer than the timeout."""
    return min(_LONGEST_ACK, max(10, operation.terms.timeout + _ACK_MARGIN))


def _list_topics(messages: tuple[type[Message], ...]) -> list[str]:
    return sorted(message.topic for message in messages)
