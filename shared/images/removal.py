"""Removes images, and lets others take the places that they leave."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, delete, select, update
from sqlalchemy.orm import Session

from shared.images.election import PlaceChange
from shared.images.facts import (
    OF_CONTENT,
    complete_originals,
    exchange_origins,
    lock_originals,
)
from shared.images.originals import find_distance, make_pairs, place_images, write_places
from shared.images.succession import copy_inheritances, load_inheritances, send_inheritances
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import Image, ImageVariant
from shared.storage.names import name_upload


def remove_images(
    session: Session, outbox: Outbox, project_id: UUID, image_ids: Collection[UUID]
) -> None:
    """Delete images of a project and release their objects.

    The oldest copy of a deleted content becomes the first of it, and takes over what the image had;
    it says what the copy says that stands first in its list. What was a duplicate of a deleted
    image finds another original, or becomes one. Call it with the contents locked for this
    transaction alone (`lock_contents`).
    """
    leaving = session.execute(
        select(Image.id, Image.image_hash, Image.sha256, Image.file_path).where(
            Image.id.in_(image_ids), Image.project_id == project_id
        )
    ).all()
    ids = [row.id for row in leaving]
    variants = select(ImageVariant.object).where(ImageVariant.image_id.in_(ids))
    names = {*session.scalars(variants)}
    names |= {row.file_path or name_upload(project_id, row.id) for row in leaving}
    copies, others = _find_copies(session, project_id, leaving)
    orphans = session.execute(
        select(Image.id, Image.duplicate_of)
        .where(Image.duplicate_of.in_(ids), Image.id.not_in(ids))
        .order_by(Image.id)
    ).all()
    estates = load_inheritances(session, {row.duplicate_of for row in orphans})
    successors = [(image_id, copy) for image_id, (_, copy) in copies.items()]
    lock_originals(session, [copy for _, copy in successors] + [other for other, _ in others])
    exchange_origins(session, others)
    complete_originals(session, successors, OF_CONTENT)
    copy_inheritances(session, successors)
    session.execute(
        delete(Image).where(Image.id.in_(ids)).execution_options(synchronize_session=False)
    )
    contents = make_pairs(((copy, image_hash) for image_hash, copy in copies.values()), Text)
    session.execute(
        update(Image)
        .where(Image.id == contents.c.one)
        .values(image_hash=contents.c.other)
        .execution_options(synchronize_session=False)
    )
    lost = {row.id: row.duplicate_of for row in orphans}
    heirs = _place_orphans(session, project_id, lost, dict(successors))
    equal = {copy for _, copy in copies.values()}
    former = {heir: [lost[heir]] for heir in heirs if heir not in equal}
    send_inheritances(outbox, project_id, former, estates)
    if names:
        outbox.add(ObjectsReleased(project_id=project_id, names=sorted(names)))


def _find_copies(
    session: Session, project_id: UUID, leaving: Sequence[Any]
) -> tuple[dict[UUID, tuple[str, UUID]], list[tuple[UUID, UUID]]]:
    """Return the `image_hash` and the oldest copy that stays of each first image of a content.

    And pairs of every other copy that stays and this one.
    """
    firsts = {row.sha256: row for row in leaving if row.image_hash is not None}
    copies = session.execute(
        select(Image.sha256, Image.id)
        .where(
            Image.project_id == project_id,
            Image.sha256.in_(firsts),
            Image.image_hash.is_(None),
            Image.id.not_in([row.id for row in leaving]),
        )
        .order_by(Image.id)
    ).all()
    oldest: dict[str, UUID] = {}
    for row in copies:
        oldest.setdefault(row.sha256, row.id)
    found = {firsts[one].id: (firsts[one].image_hash, copy) for one, copy in oldest.items()}
    return found, [(row.id, oldest[row.sha256]) for row in copies if row.id != oldest[row.sha256]]


def _place_orphans(
    session: Session, project_id: UUID, lost: dict[UUID, UUID], copies: dict[UUID, UUID]
) -> list[UUID]:
    """Give images whose original was deleted another; return those that became originals.

    Where only equal files count as one, the copy stands for all that the deleted image stood for.
    """
    if not lost:
        return []
    distance = find_distance(session, project_id)
    if distance is not None:
        changes = place_images(session, project_id, lost, distance)
    else:
        heirs: dict[UUID, UUID] = {}
        for orphan, original in lost.items():
            heirs.setdefault(original, orphan)
            if copies.get(original) == orphan:
                heirs[original] = orphan
        changes = [
            PlaceChange(
                orphan, True, original, None if heirs[original] == orphan else heirs[original]
            )
            for orphan, original in lost.items()
        ]
        write_places(session, changes, changes)
    return [one.image_id for one in changes if one.after is None and one.image_id in lost]
