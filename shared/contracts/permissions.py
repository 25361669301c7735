"""Permissions of a bundle's functions in the cloud; its service account may touch nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.declarations import MessageOperation, Operation, read_message_parameters
from shared.messaging.messages import Message
from shared.messaging.outbox import Outbox
from shared.operations.discovery import Function
from shared.runtime.injection import qualify
from shared.services import CLIENTS, Permission

_DATABASE = {qualify(kind) for kind in (Session, Caller, Outbox)}

# Prefixes of the bucket, by what is done there: `read` objects and list them, `create` new ones
# (or sign an address at which a client does), `write` means replace and delete as well.
BUCKET: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "analyzer": {"read": ("images/", "variants/")},
    "crawler": {"read": ("images/", "variants/"), "create": ("images/", "variants/")},
    "exports": {
        "read": ("images/", "variants/"),
        "create": ("variants/",),
        "write": ("exports/",),
    },
    "inference": {
        "read": ("images/", "models/", "predictions/"),
        "create": ("predictions/",),
    },
    "images": {"read": ("images/", "variants/"), "create": ("uploads/",)},
    "manifests": {"read": ("manifests/",), "create": ("manifests/",)},
    "models": {"read": ("models/",), "create": ("models/",)},
    "renditions": {
        "read": ("images/", "uploads/", "variants/"),
        "create": ("images/", "variants/"),
    },
    "upkeep": {
        "write": (
            "exports/",
            "images/",
            "manifests/",
            "models/",
            "predictions/",
            "uploads/",
            "variants/",
        )
    },
}


class PermissionsError(TypeError):
    """A bundle uses the bucket and nothing says for what, or the reverse."""


def list_permissions(
    bundle: str, functions: Iterable[Function], published: Iterable[type[Message]]
) -> dict[str, Any]:
    """Return what a bundle's account may do, as JSON-ready data.

    `published` is what all functions send.

    Raises `PermissionsError` when the bucket's table above and the declarations differ.
    """
    operations = [function.operation for function in functions]
    wanted = {one for operation in operations for one in find_permissions(operation)}
    uses_bucket = "bucket" in wanted
    if uses_bucket != (bundle in BUCKET):
        raise PermissionsError(
            f"Say in shared/contracts/permissions.py what {bundle} does in the bucket."
            if uses_bucket
            else f"{bundle} has permissions for the bucket and takes no Storage."
        )
    own = {message for one in operations for message in one.publishes}
    if "relay" in wanted:  # relays what any other function has left
        own |= set(published)
    return {
        "bucket": {kind: list(prefixes) for kind, prefixes in BUCKET.get(bundle, {}).items()},
        "database": any(uses_database(operation) for operation in operations),
        "gemini": "gemini" in wanted,
        "health": "health" in wanted,
        "internet": "internet" in wanted,
        "publishes": sorted(message.topic for message in own),
    }


def uses_database(operation: Operation) -> bool:
    """Return whether a function opens a connection. One that takes messages claims them."""
    return (
        isinstance(operation, MessageOperation)
        or "database" in find_permissions(operation)
        or not _DATABASE.isdisjoint(find_services(operation))
    )


def find_permissions(operation: Operation) -> frozenset[Permission]:
    """Return what the clients that an operation asks for permit its function."""
    clients = [CLIENTS[kind] for kind in find_services(operation) if kind in CLIENTS]
    return frozenset(permission for one in clients for permission in one.permits)


def find_services(operation: Operation) -> frozenset[str]:
    """Return the qualified types that an operation asks to be given."""
    parameters = operation.parameters  # of a route: of both its steps
    if isinstance(operation, MessageOperation) and operation.prepare is not None:
        parameters += read_message_parameters(operation.prepare, operation.message)
    return frozenset(qualify(one.type) for one in parameters if one.source == "service")
