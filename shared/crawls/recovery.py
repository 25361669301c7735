"""Chunks that lost their worker: split until whatever ends workers is alone, then given up.

An image whose content kills the process that reads it (a decoder that runs out of memory, a
pattern that takes for ever) would otherwise take its whole chunk with it.
"""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.crawls.chunks import (
    KEYWORDS,
    add_chunks,
    end_chunks,
    get_kind,
    make_chunk_message,
)
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk, lease_chunk
from shared.messaging.messages import ChunkWaiting, WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob

_MAX_LOST_WORKERS = 2  # one loss may be an accident of the machine
_MAX_LOST_SEARCHERS = 5  # with no page between: what engines answer is small, and hardly kills


def claim_chunk(
    session: Session, outbox: Outbox, ready: ChunkWaiting, seconds: int
) -> LeasedChunk | None:
    """Lease a message's chunk for so many seconds; recover it where it has lost its worker.

    Return None when it does not wait. A delivery that comes again after its worker died finds the
    lease run out.
    """
    chunk = lease_chunk(session, ready.chunk_id, get_kind(ready), seconds)
    if chunk is None:
        recover_chunk(session, outbox, ready.crawl_job_id, ready.chunk_id)
    return chunk


def recover_chunk(session: Session, outbox: Outbox, crawl_job_id: UUID, chunk_id: UUID) -> None:
    """Hand out again a chunk whose lease has run out: as two halves, or, alone in it, whole.

    One address (or image) that ends its worker again fails as `killed_its_worker`. A search stays
    whole too: whoever goes on with it looks up one keyword at a time. Do nothing where the chunk
    has not lost its worker, or where others hold it or its job at this moment.
    """
    lost = (
        CrawlChunk.id == chunk_id,
        CrawlChunk.status == "running",
        CrawlChunk.lease_expires_at < func.now(),
    )
    if session.scalar(select(CrawlChunk.id).where(*lost)) is None:
        return
    # Job before chunk, as whoever ends the job or deletes it does.
    job = session.scalar(
        select(CrawlJob.id)
        .where(CrawlJob.id == crawl_job_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    if job is None:
        return
    chunk = session.scalar(select(CrawlChunk).where(*lost).with_for_update(skip_locked=True))
    if chunk is None:
        return
    entries = [CrawlEntry.parse(given) for given in chunk.urls or []]
    is_search = chunk.kind == KEYWORDS
    if len(entries) > 1 and not is_search:
        # A worker that only seemed dead holds the id of a chunk that is gone.
        session.execute(delete(CrawlChunk).where(CrawlChunk.id == chunk.id))
        half = (len(entries) + 1) // 2
        add_chunks(session, outbox, crawl_job_id, entries, half, kind=chunk.kind)
        return
    chunk.lost_workers += 1
    if chunk.lost_workers < (_MAX_LOST_SEARCHERS if is_search else _MAX_LOST_WORKERS):
        chunk.status = "pending"
        chunk.lease_expires_at = None
        session.flush()
        outbox.add(make_chunk_message(chunk.kind, crawl_job_id, chunk.id))
    else:
        end_chunks(
            session,
            CrawlChunk.id == chunk.id,
            status="failed",
            reason="killed_its_worker",
            detail=f"Its worker died {chunk.lost_workers} times with nothing else at work.",
            retryable=False,
        )
        outbox.add(WorkSettled(crawl_job_id=crawl_job_id))
