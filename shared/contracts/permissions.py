"""What a bundle's functions may touch in the cloud; its service account may touch nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.declarations import MessageOperation, Operation, message_parameters
from shared.messaging.messages import Message
from shared.operations.discovery import Function
from shared.runtime.injection import qualified

STORAGE = "shared.storage.bucket.Storage"
PUBLISHER = "shared.messaging.outbox.Publisher"
ADDRESSES = "shared.fetching.addresses.AddressPolicy"
GEMINI = "shared.analyses.gemini.Gemini"
MODELS = "shared.inference.serving.Models"  # reads its files from the bucket
SERVICES = "shared.services.Services"  # all of them, to look whether they answer
_DATABASE = {
    "sqlalchemy.orm.session.Session",
    "sqlalchemy.engine.base.Engine",
    "shared.calls.Caller",
    "shared.messaging.outbox.Outbox",
    SERVICES,
}

# Prefixes of the bucket, by what is done there: `read` objects and list them, `create` new ones
# (or sign an address at which a client does), `write` means replace and delete as well.
BUCKET: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "analyzer": {"read": ("images/", "variants/")},
    "crawler": {"read": ("images/", "variants/"), "create": ("images/", "variants/")},
    "exports": {"read": ("images/", "variants/"), "write": ("exports/",)},
    "inference": {
        "read": ("images/", "models/", "predictions/"),
        "create": ("predictions/",),
    },
    "images": {"read": ("images/", "variants/"), "create": ("uploads/",)},
    "models": {"read": ("models/",), "create": ("models/",)},
    "renditions": {
        "read": ("images/", "uploads/", "variants/"),
        "create": ("images/", "variants/"),
    },
    "upkeep": {
        "write": ("exports/", "images/", "models/", "predictions/", "uploads/", "variants/")
    },
}


class PermissionsError(TypeError):
    """A bundle uses the bucket and nothing says for what, or the reverse."""


def permissions(
    bundle: str, functions: Iterable[Function], published: Iterable[type[Message]]
) -> dict[str, Any]:
    """What a bundle's account is for, as JSON-ready data; `published` is what all functions send.

    Raises `PermissionsError` when the bucket's table above and the declarations differ.
    """
    operations = [function.operation for function in functions]
    wanted = {name for operation in operations for name in services_of(operation)}
    uses_bucket = bool(wanted & {STORAGE, MODELS})
    if uses_bucket != (bundle in BUCKET):
        raise PermissionsError(
            f"Say in shared/contracts/permissions.py what {bundle} does in the bucket."
            if uses_bucket
            else f"{bundle} has permissions for the bucket and takes no Storage."
        )
    own = {message for one in operations for message in one.publishes}
    if PUBLISHER in wanted:  # relays what any other function has left
        own |= set(published)
    return {
        "bucket": {kind: list(prefixes) for kind, prefixes in BUCKET.get(bundle, {}).items()},
        "database": any(uses_database(operation) for operation in operations),
        "gemini": GEMINI in wanted,
        "health": SERVICES in wanted,
        "internet": ADDRESSES in wanted,
        "publishes": sorted(message.topic for message in own),
    }


def uses_database(operation: Operation) -> bool:
    """Whether a function opens a connection. One that takes messages claims them."""
    return isinstance(operation, MessageOperation) or bool(services_of(operation) & _DATABASE)


def services_of(operation: Operation) -> frozenset[str]:
    """The qualified types that an operation asks to be given."""
    parameters = operation.parameters  # of a route: of both its steps
    if isinstance(operation, MessageOperation) and operation.prepare is not None:
        parameters += message_parameters(operation.prepare, operation.message)
    return frozenset(qualified(one.type) for one in parameters if one.source == "service")
