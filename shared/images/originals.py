"""Keeps a project's images in their places: originals, and duplicates of these."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, TableValuedAlias, Uuid, column, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from shared.images.election import Election, PlaceChange
from shared.images.facts import OF_PICTURE, complete_originals, lock_originals
from shared.models import CrawlChunk, CrawlJob, Image
from shared.schemas.fields import DEFAULT_DISTANCE
from shared.states import TERMINAL


def lock_contents(
    session: Session, project_id: UUID, *, alone: bool, patient: bool = False
) -> None:
    """Keep which contents a project has, and the places of its images, until the transaction ends.

    Use `alone` to change places of images that are there; without it, several transactions may add
    contents at once. Call it after the project is locked, and before any crawl job, chunk or image
    is. Workers are `patient`: many may queue, which takes longer than a lock usually may.
    """
    if patient:
        session.execute(text("SET LOCAL lock_timeout = '110s'"))
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    session.execute(select(lock(func.hashtextextended(f"contents {project_id}", 0))))


def find_distance(session: Session, project_id: UUID) -> int | None:
    """Return in how many bits pictures may differ that count as one; None if only equal files do.

    The project's latest crawl job with perceptual deduplication says so.
    """
    return session.scalar(
        select(CrawlJob.options["max_distance"].astext.cast(Integer))
        .where(CrawlJob.project_id == project_id, CrawlJob.options["dedup"].astext == "perceptual")
        .order_by(CrawlJob.id.desc())
        .limit(1)
    )


def choose_distance(session: Session, project_id: UUID, distance: int | None) -> int:
    """Return a distance in bits: the one given, or the project's, or else `DEFAULT_DISTANCE`."""
    if distance is None:
        distance = find_distance(session, project_id)
    return DEFAULT_DISTANCE if distance is None else distance


def place_images(
    session: Session,
    project_id: UUID,
    image_ids: Collection[UUID],
    distance: int,
    *,
    are_new: bool = False,
) -> list[PlaceChange]:
    """Put images that are new, or lost their original, in their places; return all that changed.

    Originals take the label and caption that they lack from what became their duplicate. The counts
    of chunks follow, except for images that `are_new`: their chunk has no counts yet. Call it with
    the contents locked for this transaction alone.
    """
    if not image_ids:
        return []
    changes = Election(session, project_id, distance).run(image_ids)
    if changes:
        counted = [one for one in changes if not (are_new and one.image_id in image_ids)]
        write_places(session, changes, counted)
        pairs = [(one.image_id, one.after) for one in changes if one.after is not None]
        lock_originals(session, [original for _, original in pairs])
        complete_originals(session, pairs, OF_PICTURE)
    return changes


def write_places(
    session: Session, changes: Sequence[PlaceChange], counted: Sequence[PlaceChange]
) -> None:
    """Write changes of places; chunks count those of images that are not new."""
    _count_places(session, counted)  # before images are locked, as jobs and chunks always are
    given = make_pairs((one.image_id, one.after) for one in changes)
    session.execute(
        update(Image)
        .where(Image.id == given.c.one)
        .values(is_duplicate=given.c.other.is_not(None), duplicate_of=given.c.other)
        .execution_options(synchronize_session=False)
    )
    demoted = [one for one in changes if not one.was_duplicate and one.after is not None]
    if demoted:
        # Duplicates that were too many to be judged again go along with their original.
        moved = make_pairs((one.image_id, one.after) for one in demoted)
        session.execute(
            update(Image)
            .where(Image.duplicate_of == moved.c.one)
            .values(duplicate_of=moved.c.other)
            .execution_options(synchronize_session=False)
        )


def _count_places(session: Session, changes: Sequence[PlaceChange]) -> None:
    """Count images that changed their place in their chunks, and in their jobs if these ended.

    A job that runs sums its chunks when it ends, with its row locked: so that is locked here too.
    """
    more = {one.image_id: (one.after is not None) - one.was_duplicate for one in changes}
    rows = session.execute(
        select(Image.id, Image.crawl_chunk_id, Image.is_valid).where(
            Image.id.in_([image_id for image_id, number in more.items() if number])
        )
    ).all()
    moved: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for image_id, chunk_id, is_valid in rows:
        if chunk_id is not None:
            moved[chunk_id]["images"] += more[image_id]
            moved[chunk_id]["valid" if is_valid else "invalid"] += more[image_id]
    job_of = dict(
        session.execute(
            select(CrawlChunk.id, CrawlChunk.crawl_job_id).where(CrawlChunk.id.in_(moved))
        ).all()
    )
    by_job: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for chunk_id, job_id in job_of.items():
        by_job[job_id].update(moved[chunk_id])
    for job_id in sorted(by_job):
        counts = by_job[job_id]
        of_job = CrawlJob.id == job_id
        session.execute(select(CrawlJob.id).where(of_job).with_for_update(key_share=True))
        if any(counts.values()):
            session.execute(
                update(CrawlJob)
                .where(of_job, CrawlJob.status.in_(TERMINAL))
                .values(
                    downloaded_images=CrawlJob.downloaded_images - counts["images"],
                    duplicate_images=CrawlJob.duplicate_images + counts["images"],
                    # Deleted images are in it until the next validation.
                    valid_images=func.greatest(0, CrawlJob.valid_images - counts["valid"]),
                    invalid_images=func.greatest(0, CrawlJob.invalid_images - counts["invalid"]),
                )
                .execution_options(synchronize_session=False)
            )
    for chunk_id in sorted(job_of):
        if images := moved[chunk_id]["images"]:
            session.execute(
                update(CrawlChunk)
                .where(CrawlChunk.id == chunk_id)
                .values(
                    downloaded=CrawlChunk.downloaded - images,
                    duplicate=CrawlChunk.duplicate + images,
                )
                .execution_options(synchronize_session=False)
            )


def make_pairs(
    pairs: Iterable[tuple[UUID, Any]], other: type[TypeEngine[Any]] = Uuid
) -> TableValuedAlias:
    """Return a table of pairs: `one`, the id of an image, and `other`, of the type given."""
    given = list(pairs)
    first = literal([pair[0] for pair in given], ARRAY(Uuid))
    second = literal([pair[1] for pair in given], ARRAY(other))
    return (
        func.unnest(first, second)
        .table_valued(column("one", Uuid), column("other", other))
        .render_derived(name="pairs")
    )
