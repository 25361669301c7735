"""Puts the images of a verification job into chunks, and leases these.

What has no outcome is in a chunk; what is to be asked again moves to a new one. All images of a
chunk are from one crawl job, by whose terms they are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from shared.images.originals import lock_contents
from shared.messaging.messages import VerificationChunkReady
from shared.messaging.outbox import Outbox
from shared.models import (
    CrawlJob,
    Image,
    Project,
    VerificationChunk,
    VerificationJob,
    VerificationResult,
)
from shared.models.base import new_id
from shared.rights.signals import RightsPolicy
from shared.schemas.crawl_options import CrawlOptions
from shared.states import LIVE
from shared.storage.references import lock_project

CHUNK_SIZE = 100
# The columns that say what became of an origin.
OUTCOME = (
    *("outcome", "reason", "detail", "http_status", "redirected_to", "sha256"),
    *("distance", "rights_signal_ids", "checked_at"),
)
KILLED = "killed_its_worker"  # the reason of what a retry leaves alone


@dataclass(frozen=True, slots=True)
class ImageOrigin:
    """An image as it was taken, and the address that it was taken from.

    With `page` it is the one with which the page that showed it is asked again.
    """

    image_id: UUID
    url: str
    sha256: str | None
    phash: int | None
    page: str | None = None


@dataclass(frozen=True)
class LeasedVerification:
    """A chunk under a lease, with what its worker needs to know of its job.

    `reads_files` says that bytes which are the same are to be read, too: on the terms on which they
    were taken, what they say of their use made no difference. `reads_sitemaps` says that what
    showed its images may be a sitemap.
    """

    id: UUID
    attempt: int  # the fencing token
    verification_job_id: UUID
    project_id: UUID
    crawl_job_id: UUID
    max_distance: int
    rights: RightsPolicy
    respect_robots: bool
    reads_files: bool
    reads_sitemaps: bool
    origins: tuple[ImageOrigin, ...]


def assign_chunks(
    session: Session,
    outbox: Outbox,
    verification_job_id: UUID,
    *which: ColumnElement[bool],
    size: int = CHUNK_SIZE,
) -> int:
    """Put those results into new chunks, whatever became of them before; return how many chunks.

    Call it with the job's row locked.
    """
    result = VerificationResult
    chosen = (result.verification_job_id == verification_job_id, *which)
    counts = session.execute(
        select(Image.crawl_job_id, func.count())
        .join(result, result.image_id == Image.id)
        .where(*chosen)
        .group_by(Image.crawl_job_id)
    ).all()
    chunks = [
        (new_id(), crawl_job_id, part)
        for crawl_job_id, number in counts
        for part in range(-(-number // size))
    ]
    if not chunks:
        return 0
    session.execute(
        insert(VerificationChunk).returning(VerificationChunk.id),
        [
            {"id": one, "verification_job_id": verification_job_id, "crawl_job_id": crawl_job_id}
            for one, crawl_job_id, _ in chunks
        ],
    )
    # A statement of its own: row security asks for the chunks that it puts results into.
    _move(session, chosen, chunks, size)
    outbox.add(
        *(
            VerificationChunkReady(verification_job_id=verification_job_id, chunk_id=one)
            for one, _, _ in chunks
        )
    )
    return len(chunks)


def _move(
    session: Session,
    chosen: Sequence[ColumnElement[bool]],
    chunks: Sequence[tuple[UUID, UUID | None, int]],
    size: int,
) -> None:
    """Put results into chunks, given by id, crawl job and number in that, and forget outcomes."""
    result = VerificationResult
    ids, crawls, parts = zip(*chunks, strict=True)
    given = (
        func.unnest(
            literal(list(ids), ARRAY(Uuid)),
            literal(list(crawls), ARRAY(Uuid)),
            literal(list(parts), ARRAY(Integer)),
        )
        .table_valued(column("id", Uuid), column("crawl_job_id", Uuid), column("part", Integer))
        .render_derived(name="given")
    )
    number = func.row_number().over(partition_by=Image.crawl_job_id, order_by=result.image_id)
    numbered = (
        select(result.image_id, Image.crawl_job_id, ((number - 1) // size).label("part"))
        .join(Image, Image.id == result.image_id)
        .where(*chosen)
        .subquery("numbered")
    )
    session.execute(
        update(result)
        .where(
            result.image_id == numbered.c.image_id,
            numbered.c.crawl_job_id == given.c.crawl_job_id,
            numbered.c.part == given.c.part,
            chosen[0],
        )
        .values(chunk_id=given.c.id, **dict.fromkeys(OUTCOME))
        .execution_options(synchronize_session=False)
    )


def lease_verification(session: Session, chunk_id: UUID, seconds: int) -> LeasedVerification | None:
    """Lease a chunk that waits, for so many seconds; None when it does not wait.

    It is gone, has a worker, lost one or has ended, or its job or project has.
    """
    chunk, job = VerificationChunk, VerificationJob
    row = session.execute(
        update(chunk)
        .where(
            chunk.id == chunk_id,
            chunk.status == "pending",
            chunk.verification_job_id == job.id,
            job.status == "running",
            job.project_id == Project.id,
            Project.deleted_at.is_(None),
            chunk.crawl_job_id == CrawlJob.id,
        )
        .values(
            status="running",
            attempts=chunk.attempts + 1,
            lease_expires_at=func.now() + timedelta(seconds=seconds),
        )
        .returning(
            chunk.attempts,
            job.id,
            job.project_id,
            job.max_distance,
            job.rights,
            job.respect_robots,
            job.export_job_id,
            CrawlJob.id,
            CrawlJob.options,
            CrawlJob.source["sitemap"].astext == "true",
        )
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    attempt, job_id, project_id, max_distance, rights, robots, export, *of_crawl_job = row
    crawl_job_id, given, reads_sitemaps = of_crawl_job
    options = CrawlOptions.model_validate(given)
    # Who has the rights for an export asked again does not want them ignored.
    is_heeded = export is not None and options.rights == "ignore"
    of_crawl: RightsPolicy = "respect" if is_heeded else options.rights
    policy = cast(RightsPolicy | None, rights) or of_crawl
    origins = session.execute(
        select(Image.id, Image.original_url, Image.sha256, Image.phash, _choose_page())
        .join(VerificationResult, VerificationResult.image_id == Image.id)
        .where(VerificationResult.chunk_id == chunk_id)
        .order_by(Image.id)
    )
    return LeasedVerification(
        id=chunk_id,
        attempt=attempt,
        verification_job_id=job_id,
        project_id=project_id,
        crawl_job_id=crawl_job_id,
        max_distance=max_distance,
        rights=policy,
        respect_robots=options.respect_robots if robots is None else robots,
        reads_files=policy == "opt_in_only" or policy not in (options.rights, "ignore"),
        reads_sitemaps=bool(reads_sitemaps),
        origins=tuple(
            ImageOrigin(image_id, url or "", sha256, phash, page)
            for image_id, url, sha256, phash, page in origins
        ),
    )


def _choose_page() -> ColumnElement[str | None]:
    """Return SQL for the page of an image, where it is the first that is asked for of that page."""
    result, earlier = VerificationResult, aliased(VerificationResult)
    is_later = exists().where(
        earlier.verification_job_id == result.verification_job_id,
        earlier.page_key == result.page_key,
        earlier.asked_with.is_(None),
        earlier.image_id < result.image_id,
    )
    is_first = and_(result.page_key.is_not(None), result.page_signal_ids.is_(None), ~is_later)
    return case((is_first, Image.source_page))


def lock_live_verification(
    session: Session, project_id: UUID, verification_job_id: UUID
) -> VerificationJob | None:
    """Return a live job, locked until the transaction ends, or None when it or its project ended.

    Images are kept from being deleted meanwhile. Locks are taken in the order in which a deletion
    takes them: owner, project, contents, job.
    """
    if not lock_project(session, project_id):
        return None
    lock_contents(session, project_id, alone=False, patient=True)
    return session.scalar(
        select(VerificationJob)
        .where(VerificationJob.id == verification_job_id, VerificationJob.status.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_leased_verification(session: Session, chunk: LeasedVerification) -> VerificationJob | None:
    """Lock a chunk for its worker's last transaction; return its job, or None if it lost it."""
    job = lock_live_verification(session, chunk.project_id, chunk.verification_job_id)
    locked = session.scalar(
        select(VerificationChunk.id)
        .where(
            VerificationChunk.id == chunk.id,
            VerificationChunk.status == "running",
            VerificationChunk.attempts == chunk.attempt,
        )
        .with_for_update()
    )
    return job if locked else None


def delete_chunk(session: Session, chunk_id: UUID) -> None:
    """Delete a chunk whose images are in others by now; a worker that is alive stops then."""
    session.execute(
        delete(VerificationChunk)
        .where(VerificationChunk.id == chunk_id)
        .execution_options(synchronize_session=False)
    )
