"""Rows of stored images, in which each content and each picture of a project is original once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shared.images.deletions import forget_deletions
from shared.images.election import PlaceChange
from shared.images.facts import (
    OF_CONTENT,
    OF_PICTURE,
    complete_originals,
    exchange_origins,
    lock_originals,
)
from shared.images.originals import lock_contents, place_images
from shared.images.refusals import ImageRefusal, find_refusals
from shared.models import Image

Row = dict[str, Any]

_TRIES = 3


class OriginalVanishedError(Exception):
    """The image that this content repeats was deleted meanwhile, several times over."""


@dataclass(frozen=True)
class Insertion:
    """The outcome of writing rows of images.

    `refused` are the rows that were not written, by id, each with the reason. `changes` are images
    that were there before and changed their places.
    """

    refused: dict[UUID, ImageRefusal] = field(default_factory=dict)
    changes: list[PlaceChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Holder:
    """The first image of a content, its original, and its entry's place in its job's list."""

    id: UUID
    original: UUID
    crawl_job_id: UUID | None
    list_position: int | None


def insert_images(
    session: Session,
    rows: Sequence[Row],
    *,
    distance: int | None = None,
    plain: Collection[UUID] = (),
) -> Insertion:
    """Insert rows of one project's images, but for those that are refused (`refusals`).

    Every row brings `id`, `project_id`, `image_hash`, `sha256` and `phash`, and is changed in
    place. A content that the project has already becomes a copy: it loses its `image_hash` and,
    unless its id is among `plain`, is a duplicate of the original, which takes from it the facts
    that it lacks. With a
    `distance` in bits, what looks like a better image is its duplicate, be it among these rows or
    among the images that are there.
    """
    return _write_images(session, rows, _insert, distance, plain)


def fill_upload(session: Session, row: Row, distance: int | None) -> Insertion:
    """Complete the row of an upload as `insert_images` inserts one.

    What was deleted comes back with it.
    """
    lock_contents(session, row["project_id"], alone=distance is not None, patient=True)
    # Of two uploads with the same content at the same time, one waits here for the other.
    lock = func.pg_advisory_xact_lock(func.hashtextextended(row["image_hash"], 0))
    session.execute(select(lock))
    forget_deletions(session, row["project_id"], row["sha256"], row["phash"])
    return _write_images(session, [row], _fill, distance)


_Write = Callable[[Session, Sequence[Row]], set[UUID]]


def _write_images(
    session: Session,
    rows: Sequence[Row],
    write: _Write,
    distance: int | None,
    plain: Collection[UUID] = (),
) -> Insertion:
    if not rows:
        return Insertion()
    project_id = rows[0]["project_id"]
    lock_contents(session, project_id, alone=distance is not None, patient=True)
    refused = find_refusals(session, project_id, rows, distance)
    new, copies = _write_contents(session, [row for row in rows if row["id"] not in refused], write)
    changes = []
    if distance is not None:
        ids = {row["id"] for row in new}
        changes = place_images(session, project_id, ids, distance, are_new=True)
        places = {change.image_id: change.after for change in changes}
        for row in new:
            row["duplicate_of"] = places.get(row["id"])
            row["is_duplicate"] = row["duplicate_of"] is not None
        changes = [change for change in changes if change.image_id not in ids]
    _write_copies(session, copies, write, plain)
    return Insertion(refused, changes)


def _write_contents(
    session: Session, rows: Sequence[Row], write: _Write
) -> tuple[list[Row], list[Row]]:
    """Write the rows whose content is new to the project; return these, and the copies.

    Two transactions that bring the same content at the same time wait for each other here, in the
    order of the hashes, so neither for ever.
    """
    firsts: dict[str, Row] = {}
    copies = [row for row in rows if firsts.setdefault(row["image_hash"], row) is not row]
    new: list[Row] = []
    waiting = sorted(firsts.values(), key=lambda row: row["image_hash"])
    for _ in range(_TRIES):
        written = write(session, waiting)
        new += [row for row in waiting if row["id"] in written]
        waiting = [row for row in waiting if row["id"] not in written]
        held = _find_holders(session, waiting)
        copies += [row for row in waiting if row["image_hash"] in held]
        waiting = [row for row in waiting if row["image_hash"] not in held]
        if not waiting:
            return new, copies
    raise OriginalVanishedError


def _write_copies(
    session: Session, copies: Sequence[Row], write: _Write, plain: Collection[UUID]
) -> None:
    """Write rows of contents that the project has; duplicates tell their originals what they say.

    Of entries of one list the first is the origin of what is kept, whichever came first. What is
    said about a picture holds for an original of other content too; what is said about a file does
    not.
    """
    holders = _find_holders(session, copies)
    duplicates, earlier = [], []
    for row in copies:
        holder = holders[row["image_hash"]]
        row["image_hash"] = None
        if row["id"] not in plain:
            row["is_duplicate"], row["duplicate_of"] = True, holder.original
            duplicates.append((row["id"], holder.id, holder.original))
            if _stands_before(row, holder):
                earlier.append((row["id"], holder.id))
    write(session, copies)
    # All at once: what one transaction has as a holder another one may have as an original.
    lock_originals(session, {image_id for _, *ids in duplicates for image_id in ids})
    exchange_origins(session, earlier)
    equal = [(duplicate, holder) for duplicate, holder, _ in duplicates]
    complete_originals(session, equal, OF_CONTENT)
    others = {
        (one, original)
        for duplicate, holder, original in duplicates
        if original != holder
        for one in (duplicate, holder)
    }
    complete_originals(session, sorted(others), OF_PICTURE)


def _stands_before(row: Row, holder: _Holder) -> bool:
    """Return whether a row's entry is before a holder's in the same list.

    That needs no lock: while contents are locked, a holder only takes entries that stand before its
    own.
    """
    place = row.get("list_position")
    return (
        place is not None
        and holder.list_position is not None
        and row["crawl_job_id"] == holder.crawl_job_id
        and place < holder.list_position
    )


def _insert(session: Session, rows: Sequence[Row]) -> set[UUID]:
    """Insert rows, but for those whose content the project has; return the ids of those written."""
    if not rows:
        return set()
    statement = (
        insert(Image)
        .on_conflict_do_nothing(index_elements=["project_id", "image_hash"])
        .returning(Image.id)
    )
    return set(session.scalars(statement, list(rows)))


def _fill(session: Session, rows: Sequence[Row]) -> set[UUID]:
    """Update rows, but for those whose content the project has; return the ids of those written."""
    written: set[UUID] = set()
    holder = aliased(Image)
    for row in rows:
        statement = update(Image).where(Image.id == row["id"]).values(row).returning(Image.id)
        if row["image_hash"] is not None:
            held = exists().where(
                holder.project_id == row["project_id"], holder.image_hash == row["image_hash"]
            )
            statement = statement.where(~held)
        written |= set(session.scalars(statement.execution_options(synchronize_session=False)))
    return written


def _find_holders(session: Session, rows: Collection[Row]) -> dict[str, _Holder]:
    """Return the first images of these contents by hash, as far as the project has them."""
    if not rows:
        return {}
    found = session.execute(
        select(
            Image.image_hash,
            Image.id,
            func.coalesce(Image.duplicate_of, Image.id).label("original"),
            Image.crawl_job_id,
            Image.list_position,
        ).where(
            Image.project_id == next(iter(rows))["project_id"],
            Image.image_hash.in_({row["image_hash"] for row in rows}),
        )
    )
    return {
        str(row.image_hash): _Holder(row.id, row.original, row.crawl_job_id, row.list_position)
        for row in found
    }
