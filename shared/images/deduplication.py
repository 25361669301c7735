"""Rows of stored images, in which each content of a project is original once."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session, aliased

from shared.images.similarity import hamming_distance, looks_like
from shared.models import Image

Row = dict[str, Any]

_TRIES = 3
_SAID = ("label", "caption", "license", "attribution")  # what a source says about an image


class OriginalVanishedError(Exception):
    """The image that this content repeats was deleted meanwhile, several times over."""


def insert_images(
    session: Session, rows: Sequence[Row], *, mark: bool, distance: int | None = None
) -> None:
    """Writes image rows; a content that the project has already becomes a copy.

    Every row brings `id`, `project_id`, `image_hash` and `phash`. Copies lose their `image_hash`
    and, with `mark`, become duplicates of the original, which takes from them the label, caption,
    license and attribution that it lacks; with a `distance` in bits, so does what
    looks like an original. The rows are changed in place. Two chunks that bring the same content
    at the same time wait for each other here, in the order of the hashes, so neither for ever.
    """
    if distance is not None and rows:
        _go_one_by_one(session, rows[0]["project_id"])
    originals: dict[str, Row] = {}
    copies = [row for row in rows if originals.setdefault(row["image_hash"], row) is not row]
    known: dict[str, UUID] = {}
    waiting = sorted(originals.values(), key=lambda row: row["image_hash"])
    for _ in range(_TRIES):
        written = _insert(session, waiting)
        waiting = [row for row in waiting if row["id"] not in written]
        known |= _known(session, waiting)
        copies += [row for row in waiting if row["image_hash"] in known]
        waiting = [row for row in waiting if row["image_hash"] not in known]
        if not waiting:
            break
    else:
        raise OriginalVanishedError
    new = [row for row in originals.values() if row["image_hash"] not in known]
    if distance is not None:
        _mark_near_duplicates(session, new, distance)
    known |= {row["image_hash"]: row["duplicate_of"] or row["id"] for row in new}
    if mark:
        _complete(session, copies)
    for row in copies:
        if mark:
            row["is_duplicate"] = True
            row["duplicate_of"] = known[row["image_hash"]]
        row["image_hash"] = None
    _insert(session, copies)


def _complete(session: Session, copies: Sequence[Row]) -> None:
    """Gives originals what they lack and a copy says about the same content.

    The originals are locked in the order of their hashes, so that chunks which bring the same
    copies at the same time wait for each other, and neither for ever.
    """
    said: dict[str, Row] = {}
    for row in sorted(copies, key=lambda row: row["id"]):  # the first copy to say something counts
        for name in (name for name in _SAID if row.get(name)):
            said.setdefault(row["image_hash"], {}).setdefault(name, row[name])
    if not said:
        return
    given = (
        func.jsonb_to_recordset(literal([{"hash": key, **row} for key, row in said.items()], JSONB))
        .table_valued(*(column(name, Text) for name in ("hash", *_SAID)))
        .render_derived(name="given", with_types=True)
    )
    lacking = (
        select(Image.id, *(given.c[name] for name in _SAID))
        .join(given, given.c.hash == Image.image_hash)
        .where(
            Image.project_id == copies[0]["project_id"],
            or_(
                *(
                    and_(getattr(Image, name).is_(None), given.c[name].is_not(None))
                    for name in _SAID
                )
            ),
        )
        .order_by(Image.image_hash)
        .with_for_update(of=Image, key_share=True)
        .cte("lacking")
    )
    session.execute(
        update(Image)
        .where(Image.id == lacking.c.id)
        .values({name: func.coalesce(getattr(Image, name), lacking.c[name]) for name in _SAID})
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session, rows: Sequence[Row]) -> set[UUID]:
    """The ids of the rows that were written: those whose content is new to the project."""
    if not rows:
        return set()
    statement = (
        insert(Image)
        .on_conflict_do_nothing(index_elements=["project_id", "image_hash"])
        .returning(Image.id)
    )
    return set(session.scalars(statement, list(rows)))


def _known(session: Session, rows: Sequence[Row]) -> dict[str, UUID]:
    """The originals of these contents: where one is a near duplicate, what it is one of."""
    if not rows:
        return {}
    found = session.execute(
        select(Image.image_hash, func.coalesce(Image.duplicate_of, Image.id)).where(
            Image.project_id == rows[0]["project_id"],
            Image.image_hash.in_([row["image_hash"] for row in rows]),
        )
    )
    return {str(image_hash): identity for image_hash, identity in found}


def _go_one_by_one(session: Session, project_id: UUID) -> None:
    """Make chunks of a project that look for near duplicates follow each other.

    At the same time, two that look alike could miss each other. Many may have to queue, which
    takes longer than a lock may usually take.
    """
    session.execute(text("SET LOCAL lock_timeout = '110s'"))
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"near duplicates {project_id}"},
    )


def _mark_near_duplicates(session: Session, rows: Sequence[Row], distance: int) -> None:
    """Marks those of the rows just written that look like an original of the project.

    An image does when its hash differs in at most `distance` of 64 bits from that of an image
    which does not itself, so originals always differ by more; the nearest is the original.
    """
    if not rows:
        return
    new = {row["id"]: row for row in rows}
    for identity, original in _pairs(session, rows[0]["project_id"], new, distance):
        # In the order of the ids: whether `original` is one is settled by now.
        if not new[identity]["is_duplicate"] and not new.get(original, {}).get("is_duplicate"):
            new[identity]["is_duplicate"] = True
            new[identity]["duplicate_of"] = original
    marked = [row for row in rows if row["is_duplicate"]]
    if marked:
        columns = ("id", "is_duplicate", "duplicate_of")
        session.execute(update(Image), [{name: row[name] for name in columns} for row in marked])


def _pairs(
    session: Session, project_id: UUID, new: Iterable[UUID], distance: int
) -> Sequence[tuple[UUID, UUID]]:
    """(new image, earlier image) within the distance, by the new image's id, nearest first."""
    ids = list(new)
    fresh = aliased(Image)
    conditions = [
        Image.project_id == project_id,
        ~Image.is_duplicate,
        looks_like(fresh.phash, distance),
        or_(Image.id.not_in(ids), Image.id < fresh.id),
    ]
    bits = hamming_distance(Image.phash, fresh.phash)
    return session.execute(
        select(fresh.id, Image.id)
        .join(Image, and_(*conditions))
        .where(fresh.id.in_(ids))
        .order_by(fresh.id, bits, Image.id)
    ).all()
