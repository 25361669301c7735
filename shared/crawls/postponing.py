"""Entries whose hosts want to be left alone for longer than a worker waits.

They go back: the chunk waits in the database, without a message, until the sweep hands it out
when the first of its hosts may be asked again. A patience ends it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.crawls.chunks import insert_chunks
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.fetching.client import Failure
from shared.models import CrawlChunk

_LEAST = 15.0  # seconds; the sweep comes every minute
_BUSY = "host_busy"  # with this job's own workers for the most part: no reason to lose patience


def can_wait(chunk: LeasedChunk, failure: Failure, patience: float) -> bool:
    """Return whether an entry is to be tried again when its host may be asked, within `patience` s.

    The time counts from when the chunk first went back.
    """
    if failure.wait is None:
        return False
    return failure.reason == _BUSY or chunk.waited + failure.wait <= patience


def postpone(
    session: Session,
    chunk: LeasedChunk,
    waiting: Sequence[tuple[CrawlEntry, Failure]],
    *,
    is_all: bool,
) -> None:
    """Let entries of a locked chunk wait: in it when they are all that it holds, else in another.

    Call it with the job locked as well unless `is_all`.
    """
    wait = max(_LEAST, min(failure.wait or 0.0 for _, failure in waiting))
    is_closed = any(failure.reason != _BUSY for _, failure in waiting)
    since = func.now() - timedelta(seconds=chunk.waited)
    values: dict[str, Any] = {
        "due_at": func.now() + timedelta(seconds=wait),
        "waits_since": since if is_closed or chunk.waited else None,
    }
    if is_all:
        chunk_ids = [chunk.id]
        values |= {"status": "pending", "lease_expires_at": None}
    else:
        entries = [entry for entry, _ in waiting]
        chunk_ids = insert_chunks(
            session, chunk.crawl_job_id, entries, len(entries), kind=chunk.kind
        )
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.id.in_(chunk_ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )
