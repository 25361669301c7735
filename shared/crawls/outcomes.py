"""The end of a chunk that its worker has finished: its counts, and what it could not do."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.orm import Session

from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.messaging.messages import WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, FetchFailure
from shared.texts import clean_line

_MAX_DETAIL = 500
Failed = TypeVar("Failed")


class EntryFailure(Protocol):
    """The reason why an entry came to nothing, such as `shared.fetching.exchange.Failure`."""

    @property
    def reason(self) -> str:
        """Return the kind of failure, from a closed list."""
        ...

    @property
    def detail(self) -> str:
        """Return the reason in words."""
        ...

    @property
    def http_status(self) -> int | None:
        """Return the status of the last answer, if there was one."""
        ...

    @property
    def retryable(self) -> bool:
        """Return whether it may pass."""
        ...


def complete_chunk(session: Session, outbox: Outbox, chunk: LeasedChunk, **values: Any) -> None:
    """End a chunk that `lock_leased_chunk` has locked."""
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.id == chunk.id)
        .values(
            status="completed",
            lease_expires_at=None,
            completed_at=func.now(),
            **values,
        )
        .execution_options(synchronize_session=False)
    )
    outbox.add(WorkSettled(crawl_job_id=chunk.crawl_job_id))


def insert_failures(
    session: Session, chunk: LeasedChunk, failures: Sequence[tuple[CrawlEntry, EntryFailure]]
) -> None:
    """Write why entries came to nothing."""
    if failures:
        session.execute(
            insert(FetchFailure).returning(FetchFailure.id),
            [
                {
                    "crawl_job_id": chunk.crawl_job_id,
                    "chunk_id": chunk.id,
                    "url": entry.url,
                    "position": entry.position,
                    "image_id": UUID(entry.image_id) if entry.image_id else None,
                    "reason": failure.reason,
                    "http_status": failure.http_status,
                    "detail": clean_line(failure.detail, _MAX_DETAIL),
                    "retryable": failure.retryable,
                }
                for entry, failure in failures
            ],
        )


def split_unfinished(
    done: Sequence[object], failed: list[Failed], left: list[Failed]
) -> tuple[list[Failed], list[Failed]]:
    """Return what failed, and what a further chunk is to do.

    A chunk that got nothing done fails whole: a further one would get no further either.
    """
    return (failed, left) if done or failed else (left, [])
