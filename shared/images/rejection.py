"""Images that are rejected: kept out of exports and later crawls, with what looks like them.

A person rejects an image; with it goes what has the same content or looks like it, in the project
now (`rejected_with` says with which) or in what comes later, which is not stored at all.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session, aliased

from shared.images.election import PlaceChange
from shared.images.originals import choose_distance, find_distance, place_images
from shared.images.similarity import hamming_distance, looks_like
from shared.models import Image


def find_rejected(
    session: Session, project_id: UUID, rows: Sequence[Mapping[str, Any]], distance: int | None
) -> dict[Any, UUID]:
    """Return those of some rows, by id, that equal or look like a rejected image: with its id.

    The rows bring `id`, `sha256` and `phash`. An image that the project has and that is not
    rejected keeps its content in, whatever it looks like. `distance` is that of a crawl; with None
    it is the project's (`find_distance`), or else `DEFAULT_DISTANCE`.
    """
    is_rejected = (Image.project_id == project_id, Image.rejected)
    if not session.scalar(select(exists().where(*is_rejected))):
        return {}
    contents = {row["sha256"] for row in rows}
    of_content = and_(
        Image.project_id == project_id, Image.sha256.in_(contents), Image.status == "completed"
    )
    known = session.execute(select(Image.sha256, Image.id, Image.rejected).where(of_content)).all()
    equal = {row.sha256: row.id for row in known if row.rejected}
    accepted = {row.sha256 for row in known if not row.rejected}
    found = {row["id"]: equal[row["sha256"]] for row in rows if row["sha256"] in equal}
    others = [row for row in rows if row["sha256"] not in equal and row["sha256"] not in accepted]
    alike = _find_alike(session, project_id, {row["phash"] for row in others}, distance)
    return found | {row["id"]: alike[row["phash"]] for row in others if row["phash"] in alike}


def _find_alike(
    session: Session, project_id: UUID, hashes: Collection[int], distance: int | None
) -> dict[int, UUID]:
    """Return the nearest rejected image of each hash that has one."""
    if not hashes:
        return {}
    limit = choose_distance(session, project_id, distance)
    wanted = (
        func.unnest(literal(sorted(hashes), ARRAY(BigInteger)))
        .table_valued(column("phash", BigInteger))
        .render_derived(name="wanted")
    )
    rows = session.execute(
        select(wanted.c.phash, Image.id)
        .ext(distinct_on(wanted.c.phash))
        .join(Image, and_(*_is_rejected_itself(project_id), looks_like(wanted.c.phash, limit)))
        .order_by(wanted.c.phash, hamming_distance(Image.phash, wanted.c.phash), Image.id)
    )
    return {row.phash: row.id for row in rows}


def reject_images(
    session: Session, project_id: UUID, image_ids: Collection[UUID], reason: str | None
) -> list[PlaceChange]:
    """Reject images of a project, and with them what has their content or looks like them.

    Returns the images that became originals since theirs was rejected. Call it with the contents
    locked for this transaction alone.
    """
    session.execute(
        update(Image)
        .where(Image.id.in_(image_ids), Image.project_id == project_id)
        .values(rejected=True, reject_reason=reason, rejected_with=None)
        .execution_options(synchronize_session=False)
    )
    by = aliased(Image)
    limit = choose_distance(session, project_id, None)
    alike = or_(Image.sha256 == by.sha256, looks_like(by.phash, limit))
    found = (
        select(Image.id, by.id.label("by"))
        .ext(distinct_on(Image.id))
        .join(by, and_(by.id.in_(image_ids), alike))
        .where(Image.project_id == project_id, Image.status == "completed", ~Image.rejected)
        .order_by(Image.id, by.id)
        .cte("found")
    )
    session.execute(
        update(Image)
        .where(Image.id == found.c.id)
        .values(rejected=True, reject_reason=reason, rejected_with=found.c.by)
        .execution_options(synchronize_session=False)
    )
    original = aliased(Image)
    left = session.scalars(
        select(Image.id)
        .join(original, original.id == Image.duplicate_of)
        .where(Image.project_id == project_id, ~Image.rejected, original.rejected)
        .where(or_(original.id.in_(image_ids), original.rejected_with.in_(image_ids)))
    ).all()
    return place_images(session, project_id, left, limit)


def accept_images(
    session: Session, project_id: UUID, image_ids: Collection[UUID]
) -> list[PlaceChange]:
    """Take back the rejection of images, of equal contents, and of what was rejected with them.

    What looks like another image that is rejected stays so, with that one. Returns the images whose
    places changed. Call it with the contents locked for this transaction alone.
    """
    taken_back = {"rejected": False, "reject_reason": None, "rejected_with": None}
    asked = aliased(Image)
    contents = select(asked.sha256).where(asked.id.in_(image_ids)).scalar_subquery()
    accepted = session.scalars(
        update(Image)
        .where(
            Image.project_id == project_id,
            Image.rejected,
            or_(Image.id.in_(image_ids), Image.sha256.in_(contents)),
        )
        .values(taken_back)
        .returning(Image.id)
        .execution_options(synchronize_session=False)
    ).all()
    limit = choose_distance(session, project_id, None)
    companions = session.execute(
        select(Image.id, Image.phash, Image.sha256).where(Image.rejected_with.in_(accepted))
    ).all()
    alike = _find_alike(session, project_id, {row.phash for row in companions}, limit)
    for row in companions:
        by = alike.get(row.phash)
        session.execute(
            update(Image)
            .where(Image.id == row.id)
            .values(taken_back if by is None else {"rejected_with": by})
            .execution_options(synchronize_session=False)
        )
    back = [*accepted, *(row.id for row in companions if row.phash not in alike)]
    if find_distance(session, project_id) is None:
        return []
    return place_images(session, project_id, back, limit)


def _is_rejected_itself(project_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Return SQL for images that a person rejected, not those that only look like one."""
    return Image.project_id == project_id, Image.rejected.is_(True), Image.rejected_with.is_(None)
