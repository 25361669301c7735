"""Delete stored objects that no row names any more."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.storage.bucket import Storage
from shared.storage.references import find_unnamed

BATCH = 500  # objects of one message; the rest goes on by another one


def handle(released: ObjectsReleased, storage: Storage, session: Session, outbox: Outbox) -> None:
    """Delete unreferenced objects."""
    prefixes = _delete_below(storage, released.prefixes)
    names, later = released.names[:BATCH], released.names[BATCH:]
    if names and released.project_id is not None:
        storage.delete(find_unnamed(session, released.project_id, names))
    if prefixes or later:
        outbox.add(ObjectsReleased(project_id=released.project_id, names=later, prefixes=prefixes))


def _delete_below(storage: Storage, prefixes: Sequence[str]) -> list[str]:
    """Delete what lies below prefixes, whose rows are gone as a whole; return those left."""
    left = list(prefixes)
    room = BATCH
    while left and room:
        names = storage.list_names(left[0], limit=room)
        storage.delete(names)
        if len(names) < room:
            left.pop(0)
        room -= len(names)
    return left
