"""Changes that people make to images: labels and captions, and whether they are rejected."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, func, or_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.images.facts import mark_person
from shared.images.originals import lock_contents
from shared.images.rejection import accept_images, reject_images
from shared.images.succession import send_inheritances_of_changes
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.storage.references import lock_project

# Images that one call changes. A rejection looks for what looks like each of them.
MOST_CHANGED = 10_000
MOST_REJECTED = 1_000


def edit_images(
    session: Session,
    outbox: Outbox,
    project_id: UUID,
    images: Select[Image],
    changes: Mapping[str, Any],
) -> tuple[int, bool]:
    """Change those of a project's images that are not so yet, up to a number that takes seconds.

    `changes` are columns of `ImageUpdate`. Returns how many images changed, not counting those that
    were rejected or taken back along with them, and whether more remain to be changed.
    """
    lock_project(session, project_id)
    lock_contents(session, project_id, alone=True)
    limit = MOST_REJECTED if "rejected" in changes else MOST_CHANGED
    statement = images.with_only_columns(Image.id).where(or_(*_list_differences(changes)))
    ids = session.scalars(statement.order_by(Image.id).limit(limit + 1)).all()
    remaining, ids = len(ids) > limit, ids[:limit]
    said = {name: value for name, value in changes.items() if name in ("label", "caption")}
    if said and not remaining:
        remaining = _confirm(session, images, said, limit)
    if not ids:
        session.expire_all()
        return 0, remaining
    if said:
        session.execute(_update(Image.id.in_(ids), said | {"said_by": _mark(said)}))
    moved = []
    if changes.get("rejected") is True:
        moved = reject_images(session, project_id, ids, changes.get("reject_reason"))
    elif changes.get("rejected") is False:
        moved = accept_images(session, project_id, ids)
    elif "reject_reason" in changes:
        reason = {"reject_reason": changes["reject_reason"]}
        session.execute(_update(and_(Image.id.in_(ids), Image.rejected), reason))
    send_inheritances_of_changes(session, outbox, project_id, moved)
    session.expire_all()
    return len(ids), remaining


def _confirm(session: Session, images: Select[Image], said: Mapping[str, Any], limit: int) -> bool:
    """Have images of lists keep what they say already, and a person says too.

    Returns whether more remain. Nothing that they say changes, so they do not count as changed.
    """
    unmarked = [
        Image.said_by[name].astext.is_distinct_from(mark)
        for name, mark in mark_person(said).items()
    ]
    same = [getattr(Image, name).is_not_distinct_from(value) for name, value in said.items()]
    statement = images.with_only_columns(Image.id).where(
        Image.list_position.is_not(None), *same, or_(*unmarked)
    )
    ids = session.scalars(statement.order_by(Image.id).limit(limit + 1)).all()
    if ids:
        session.execute(_update(Image.id.in_(ids[:limit]), {"said_by": _mark(said)}))
    return len(ids) > limit


def _mark(said: Mapping[str, Any]) -> ColumnElement[Any]:
    marks = cast(mark_person(said), JSONB)
    return func.coalesce(Image.said_by, cast({}, JSONB)).op("||")(marks)


def _list_differences(changes: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return the conditions, one of which holds for an image that is to change."""
    found: list[ColumnElement[bool]] = [
        getattr(Image, name).is_distinct_from(changes[name])
        for name in ("label", "caption")
        if name in changes
    ]
    if changes.get("rejected") is True:
        found += [~Image.rejected, Image.rejected_with.is_not(None)]
    elif changes.get("rejected") is False:
        found.append(Image.rejected.is_(True))
    if "reject_reason" in changes:
        reason = Image.reject_reason.is_distinct_from(changes["reject_reason"])
        found.append(and_(Image.rejected, reason))
    return found


def _update(which: ColumnElement[bool], values: Mapping[str, Any]) -> Any:
    statement = update(Image).where(which).values(values)
    return statement.execution_options(synchronize_session=False)
