"""Delete stored objects that no row names any more."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.messages import ObjectsReleased
from shared.models import Image, ImageVariant, Project
from shared.outbox import Outbox
from shared.storage import Storage

_BATCH = 500  # a message's share; the rest of a prefix goes on by another message


def handle(released: ObjectsReleased, storage: Storage, session: Session, outbox: Outbox) -> None:
    """Delete unreferenced objects."""
    if released.prefixes:
        _remove_prefixes(released, storage, session, outbox)
    if released.names:
        _remove_names(released, storage, session)


def _remove_prefixes(
    released: ObjectsReleased, storage: Storage, session: Session, outbox: Outbox
) -> None:
    """Empties prefixes whose rows are gone as a whole."""
    left = list(released.prefixes)
    removed = 0
    while left and removed < _BATCH:
        names = storage.names(left[0], limit=_BATCH - removed)
        storage.delete(names)
        removed += len(names)
        if removed < _BATCH:
            left.pop(0)
    if left:
        outbox.add(ObjectsReleased(project_id=released.project_id, prefixes=left))


def _remove_names(released: ObjectsReleased, storage: Storage, session: Session) -> None:
    """Deletes single objects of a project, but for those that a row names again.

    The project's lock keeps a crawl from adding a row for an object that is being deleted.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:project, 0))"),
        {"project": str(released.project_id)},
    )
    session.scalar(select(Project.id).where(Project.id == released.project_id).with_for_update())
    named = set(
        session.scalars(select(Image.file_path).where(Image.file_path.in_(released.names)))
    ) | set(
        session.scalars(select(ImageVariant.object).where(ImageVariant.object.in_(released.names)))
    )
    storage.delete([name for name in released.names if name not in named])
