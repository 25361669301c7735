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
    if not ids:
        return 0, False
    said = {name: value for name, value in changes.items() if name in ("label", "caption")}
    if said:
        marks = func.coalesce(Image.said_by, cast({}, JSONB)).op("||")(
            cast(mark_person(said), JSONB)
        )
        session.execute(_update(Image.id.in_(ids), said | {"said_by": marks}))
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
