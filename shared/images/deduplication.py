"""Rows of stored images, in which each content and each picture of a project is original once."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, and_, column, exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from shared.images.facts import OF_CONTENT, OF_PICTURE, complete_originals
from shared.images.originals import Change, Election
from shared.images.rejection import find_rejected
from shared.models import CrawlChunk, CrawlJob, Image

Row = dict[str, Any]
Write = Callable[[Session, Sequence[Row]], set[UUID]]

_TRIES = 3


class OriginalVanishedError(Exception):
    """The image that this content repeats was deleted meanwhile, several times over."""


@dataclass(frozen=True)
class Insertion:
    """The outcome of writing rows of images.

    `rejected` are rows that were not written, by id: each with the rejected image that it equals or
    looks like. `changes` are images that were there before and changed their place.
    """

    rejected: dict[UUID, UUID] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def lock_contents(session: Session, project_id: UUID, *, alone: bool) -> None:
    """Keep which of a project's images are originals or rejected, until the transaction ends.

    `alone` to change that for images that are there; together with others to add contents. Call it
    before any image is locked. Many may have to queue, which takes longer than a lock usually may.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    session.execute(text("SET LOCAL lock_timeout = '110s'"))
    session.execute(
        text(f"SELECT {lock}(hashtextextended(:name, 0))"), {"name": f"contents {project_id}"}
    )


def find_distance(session: Session, project_id: UUID) -> int | None:
    """Return the distance by which a project tells pictures apart, in bits; None if it does not.

    It is that of the latest crawl job with perceptual deduplication.
    """
    return session.scalar(
        select(CrawlJob.options["max_distance"].astext.cast(Integer))
        .where(
            CrawlJob.project_id == project_id,
            CrawlJob.options["dedup"].astext == "perceptual",
        )
        .order_by(CrawlJob.id.desc())
        .limit(1)
    )


def insert_images(
    session: Session, rows: Sequence[Row], *, mark: bool, distance: int | None = None
) -> Insertion:
    """Write image rows, all of one project, unless their content is rejected.

    Every row brings `id`, `project_id`, `image_hash`, `sha256` and `phash`, and is changed in
    place. A content that the project has already becomes a copy: it loses its `image_hash` and,
    with `mark`, is a duplicate of the original, which takes from it the facts that it lacks. With a
    `distance` in bits, so is what looks like a better image; and what was an original and looks
    like a better one among these rows becomes a duplicate of that.
    """
    return _write(session, rows, _insert, mark=mark, distance=distance)


def fill_upload(session: Session, row: Row, distance: int | None) -> Insertion:
    """Complete the row of an upload in the way of `insert_images`."""
    # Of two uploads with the same content at the same time, one waits here for the other.
    lock_contents(session, row["project_id"], alone=distance is not None)
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(row["image_hash"], 0)))
    )
    return _write(session, [row], _fill, mark=True, distance=distance)


def _write(
    session: Session, rows: Sequence[Row], write: Write, *, mark: bool, distance: int | None
) -> Insertion:
    if not rows:
        return Insertion()
    project_id = rows[0]["project_id"]
    lock_contents(session, project_id, alone=distance is not None)
    rejected = find_rejected(session, project_id, rows, distance)
    rows = [row for row in rows if row["id"] not in rejected]
    new, copies = _write_contents(session, rows, write)
    changes: list[Change] = []
    if distance is not None:
        changes = elect(session, project_id, [row["id"] for row in new], distance)
        places = {change.image_id: change.after for change in changes}
        for row in new:
            row["duplicate_of"] = places.get(row["id"])
            row["is_duplicate"] = row["duplicate_of"] is not None
    holders = _find_holders(session, copies)
    for row in copies:
        if mark:
            row["is_duplicate"] = True
            row["duplicate_of"] = holders[row["image_hash"]][1]
    hashes = {row["id"]: row.pop("image_hash") for row in copies}
    for row in copies:
        row["image_hash"] = None
    write(session, copies)
    if mark:
        pairs = [(row["id"], *holders[hashes[row["id"]]]) for row in copies]
        complete_originals(session, [(copy, holder) for copy, holder, _ in pairs], OF_CONTENT)
        complete_originals(
            session,
            [(copy, original) for copy, holder, original in pairs if original != holder],
            OF_PICTURE,
        )
    ids = {row["id"] for row in rows}
    return Insertion(rejected, [change for change in changes if change.image_id not in ids])


def _write_contents(
    session: Session, rows: Sequence[Row], write: Write
) -> tuple[list[Row], list[Row]]:
    """Write the rows whose content is new to the project; return them, and the copies.

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
    written = set()
    for row in rows:
        holder = aliased(Image)
        held = exists().where(
            holder.project_id == row["project_id"], holder.image_hash == row["image_hash"]
        )
        written |= set(
            session.scalars(
                update(Image)
                .where(Image.id == row["id"], ~held)
                .values(**{name: value for name, value in row.items() if name != "id"})
                .returning(Image.id)
            )
        )
    return written


def _find_holders(session: Session, rows: Collection[Row]) -> dict[str, tuple[UUID, UUID]]:
    """Return (first image, original) of these contents by hash, as far as the project has them."""
    if not rows:
        return {}
    found = session.execute(
        select(Image.image_hash, Image.id, func.coalesce(Image.duplicate_of, Image.id)).where(
            Image.project_id == next(iter(rows))["project_id"],
            Image.image_hash.in_({row["image_hash"] for row in rows}),
        )
    )
    return {str(image_hash): (holder, original) for image_hash, holder, original in found}


def elect(
    session: Session, project_id: UUID, image_ids: Collection[UUID], distance: int
) -> list[Change]:
    """Put images that are new, or lost their original, in their place; return all that changed.

    Originals take the label and caption that they lack from what became their duplicate. Chunks
    count images as they are now. Call it with the contents locked for this transaction alone.
    """
    if not image_ids:
        return []
    changes = Election(session, project_id, distance).run(image_ids)
    _write_changes(session, changes, set(image_ids))
    pairs = [(one.image_id, one.after) for one in changes if one.after is not None]
    complete_originals(session, pairs, OF_PICTURE)
    return changes


def _write_changes(session: Session, changes: Sequence[Change], new: Collection[UUID]) -> None:
    if not changes:
        return
    given = _table(("id", "original"), [(one.image_id, one.after) for one in changes])
    rows = session.execute(
        update(Image)
        .where(Image.id == given.c.id)
        .values(is_duplicate=given.c.original.is_not(None), duplicate_of=given.c.original)
        .returning(Image.id, Image.crawl_chunk_id)
        .execution_options(synchronize_session=False)
    ).all()
    chunk_of = {row.id: row.crawl_chunk_id for row in rows}
    demoted = [one for one in changes if one.before is None and one.after and one.image_id not in new]
    promoted = [one for one in changes if one.before and one.after is None]
    if demoted:
        # Duplicates that were too many to be judged go along with their original.
        moved = _table(("former", "original"), [(one.image_id, one.after) for one in demoted])
        session.execute(
            update(Image)
            .where(Image.duplicate_of == moved.c.former)
            .values(duplicate_of=moved.c.original)
            .execution_options(synchronize_session=False)
        )
    count_moved(session, [chunk_of.get(one.image_id) for one in demoted], 1)
    count_moved(session, [chunk_of.get(one.image_id) for one in promoted], -1)
