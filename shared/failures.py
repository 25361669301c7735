"""How a final failure is written onto the row that a message is about.

Called when a handler says that its work cannot be done, and for messages that ended as dead
letters. Each row ends in a final state with a reason, and whoever waits for it is told.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from shared.messages import (
    BucketEvent,
    ChunkReady,
    ChunkSettled,
    CrawlCompleted,
    CrawlRequested,
    ExportCompleted,
    ExportRequested,
    Message,
    UploadFinalized,
    ValidationRequested,
)
from shared.models import (
    CrawlChunk,
    CrawlJob,
    ExportJob,
    FetchFailure,
    Image,
    ValidationJob,
)
from shared.outbox import Outbox

_LIVE = ("pending", "running")
_MAX_REASON = 2000


def record_failure(session: Session, message: Message, reason: str, outbox: Outbox) -> None:
    """Ends what a message is about as failed; a row that has ended already stays as it is."""
    write = _WRITERS.get(type(message))
    if write is not None:
        write(session, message, reason[:_MAX_REASON], outbox)


def _crawl_job(session: Session, message: CrawlRequested, reason: str, outbox: Outbox) -> None:
    """No plan, no crawl. Chunks that exist already are cancelled with it."""
    ended = session.scalar(
        update(CrawlJob)
        .where(CrawlJob.id == message.crawl_job_id, CrawlJob.status.in_(_LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(CrawlJob.id)
    )
    if ended is not None:
        session.execute(
            update(CrawlChunk)
            .where(CrawlChunk.crawl_job_id == ended, CrawlChunk.status.in_(_LIVE))
            .values(status="cancelled", lease_expires_at=None, completed_at=func.now())
        )
        outbox.add(CrawlCompleted(crawl_job_id=ended, status="failed"))


def _chunk(session: Session, message: ChunkReady, reason: str, outbox: Outbox) -> None:
    fail_chunk(session, message.chunk_id, reason, outbox)


def fail_chunk(session: Session, chunk_id: UUID, reason: str, outbox: Outbox) -> bool:
    """Gives a chunk up: every address of it that has no outcome gets this reason.

    Returns whether the chunk was still live.
    """
    chunk = session.scalar(
        update(CrawlChunk)
        .where(CrawlChunk.id == chunk_id, CrawlChunk.status.in_(_LIVE))
        .values(
            status="failed",
            error=reason,
            failed=CrawlChunk.url_count - CrawlChunk.downloaded - CrawlChunk.duplicate,
            lease_expires_at=None,
            completed_at=func.now(),
        )
        .returning(CrawlChunk)
    )
    if chunk is None:
        return False
    entries: Any = func.jsonb_array_elements(chunk.urls or [], type_=JSONB).table_valued("value")
    session.execute(
        insert(FetchFailure).from_select(
            ["id", "crawl_job_id", "chunk_id", "url", "reason", "detail", "retryable"],
            select(
                func.new_id(),
                literal(chunk.crawl_job_id),
                literal(chunk.id),
                entries.c.value.op("->>")("url"),
                literal("chunk_failed"),
                literal(reason),
                literal(True),
            ).select_from(entries),
        )
    )
    outbox.add(ChunkSettled(crawl_job_id=chunk.crawl_job_id))
    return True


def _validation(
    session: Session, message: ValidationRequested, reason: str, outbox: Outbox
) -> None:
    session.execute(
        update(ValidationJob)
        .where(ValidationJob.id == message.validation_job_id, ValidationJob.status.in_(_LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
    )


def _export(session: Session, message: ExportRequested, reason: str, outbox: Outbox) -> None:
    ended = session.scalar(
        update(ExportJob)
        .where(ExportJob.id == message.export_job_id, ExportJob.status.in_(_LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(ExportJob.id)
    )
    if ended is not None:
        outbox.add(ExportCompleted(export_job_id=ended, status="failed"))


def _upload(session: Session, message: BucketEvent, reason: str, outbox: Outbox) -> None:
    image_id = uploaded_image(message.name)
    if image_id is not None:
        session.execute(
            update(Image)
            .where(Image.id == image_id, Image.status == "processing")
            .values(status="failed", failure_reason=reason)
        )


def uploaded_image(name: str) -> UUID | None:
    """The image that an object below `uploads/` is for, or None for a name that is not ours."""
    try:
        return UUID(name.rsplit("/", 1)[-1])
    except ValueError:
        return None


_WRITERS: dict[type[Message], Callable[[Session, Any, str, Outbox], None]] = {
    CrawlRequested: _crawl_job,
    ChunkReady: _chunk,
    ValidationRequested: _validation,
    ExportRequested: _export,
    UploadFinalized: _upload,
}
