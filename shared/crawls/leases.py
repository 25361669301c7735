"""Leases of chunks: a worker keeps its own alive, and every write is fenced by it.

A worker that dies lets its lease run out, and the chunk is handed out again (`recover_chunk`). One
that only seems dead finds at its next heartbeat, or at the latest before it writes, that the chunk
is no longer its own. One that fails hands its chunk back. One that hangs loses it after `LONGEST`.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import UUID

from sqlalchemy import Engine, Text, event, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from shared.crawls.chunks import URLS
from shared.crawls.entries import CrawlEntry
from shared.database.transactions import transaction
from shared.images.originals import lock_contents
from shared.models import CrawlChunk, CrawlJob, ExportPart, Project, VerificationChunk
from shared.schemas.crawl_options import CrawlOptions
from shared.storage.references import lock_project

if TYPE_CHECKING:
    from shared.crawls.known_images import KnownImage

log = logging.getLogger(__name__)

# Seconds for which a lease is kept alive: no function runs for longer. Work that hangs in a thread
# beside the one that beats would otherwise seem alive for ever.
LONGEST = 560


class LeaseLost(Exception):
    """The chunk is cancelled, gone, or somebody else's by now."""


@dataclass(frozen=True)
class KnownAddresses:
    """Addresses of pages, sitemaps and images that other chunks of a job hold."""

    pages: frozenset[str] = frozenset()
    sitemaps: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LeasedChunk:
    """A chunk under a lease, with what its worker needs to know of its job.

    `source` comes without its addresses: the chunk has its own. `known` is for chunks of pages, so
    that no page is read and no image taken twice; `known_images` are what its addresses brought to
    the project before, by normalised URL. `waited` are the seconds since its hosts were found
    closed for the first time.
    """

    id: UUID
    attempt: int  # the fencing token
    kind: str
    entries: tuple[CrawlEntry, ...]
    crawl_job_id: UUID
    project_id: UUID
    user_id: UUID
    source: dict[str, Any]
    options: CrawlOptions
    known: KnownAddresses = KnownAddresses()
    known_images: Mapping[str, "KnownImage"] = field(default_factory=dict)
    waited: float = 0.0


def lease_chunk(session: Session, chunk_id: UUID, kind: str, seconds: int) -> LeasedChunk | None:
    """Lease a chunk of one kind that waits, for so many seconds.

    Return None when it does not wait: it is gone, has a worker, lost one or has ended, or its job
    has ended. One of another kind, which a message of an older version may name, is left to the
    sweep: that sends it to workers of its kind.
    """
    row = session.execute(
        update(CrawlChunk)
        .where(
            CrawlChunk.id == chunk_id,
            CrawlChunk.kind == kind,
            CrawlChunk.status == "pending",
            func.coalesce(CrawlChunk.due_at <= func.now(), True),
            CrawlChunk.crawl_job_id == CrawlJob.id,
            CrawlJob.status == "running",
            CrawlJob.project_id == Project.id,
        )
        .values(
            status="running",
            due_at=None,
            attempts=CrawlChunk.attempts + 1,
            lease_expires_at=func.now() + timedelta(seconds=seconds),
            started_at=func.coalesce(CrawlChunk.started_at, func.now()),
        )
        .returning(
            CrawlChunk.attempts,
            CrawlChunk.urls,
            CrawlJob.id,
            Project.id,
            Project.user_id,
            CrawlJob.source.op("-", return_type=JSONB)(literal("urls", Text)),
            CrawlJob.options,
            func.coalesce(func.extract("epoch", func.now() - CrawlChunk.waits_since), 0),
        )
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    attempt, urls, crawl_job_id, project_id, user_id, source, options, waited = row
    return LeasedChunk(
        id=chunk_id,
        attempt=attempt,
        kind=kind,
        entries=tuple(map(CrawlEntry.parse, urls or ())),
        crawl_job_id=crawl_job_id,
        project_id=project_id,
        user_id=user_id,
        source=source,
        options=CrawlOptions.model_validate(options),
        waited=float(waited),
    )


def lock_leased_chunk(session: Session, chunk: LeasedChunk, *, with_job: bool = False) -> bool:
    """Lock a chunk for its worker's last transaction; return False once it is not its own.

    Locks owner, project, contents, job (only `with_job`: for adding chunks) and chunk in the order
    in which a deletion takes them. A job that compares pictures is locked too, because placing
    images may change the counts of its other chunks.
    """
    if not lock_project(session, chunk.project_id):
        return False
    compares = chunk.options.dedup == "perceptual"
    if chunk.kind == URLS:
        lock_contents(session, chunk.project_id, alone=compares, patient=True)
    if with_job or compares:
        session.execute(
            select(CrawlJob.id)
            .where(CrawlJob.id == chunk.crawl_job_id)
            .with_for_update(key_share=True)
        )
    locked = session.scalar(
        select(CrawlChunk.id)
        .where(
            CrawlChunk.id == chunk.id,
            CrawlChunk.status == "running",
            CrawlChunk.attempts == chunk.attempt,
        )
        .with_for_update()
    )
    return locked is not None


class Leased(Protocol):
    """A row that this worker has under a lease; `attempt` is the fencing token."""

    @property
    def id(self) -> UUID:
        """Return the row's id."""
        ...

    @property
    def attempt(self) -> int:
        """Return the number of the lease."""
        ...


class Lease:
    """A lease that is kept alive while the block runs; an error in it hands the chunk back."""

    def __init__(
        self,
        engine: Engine,
        chunk: Leased,
        seconds: int,
        table: type[CrawlChunk] | type[VerificationChunk] | type[ExportPart] = CrawlChunk,
    ) -> None:
        self._table = table
        self._engine = engine
        self._chunk = chunk
        self._seconds = seconds
        self._ended = threading.Event()
        self._most = time.monotonic() + LONGEST
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease {chunk.id}", daemon=True)

    def check(self) -> None:
        """Raise `LeaseLost` once the chunk is no longer this worker's."""
        if self._lost.is_set():
            raise LeaseLost

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        if kind is not None and not issubclass(kind, LeaseLost):
            self._hand_back()

    def release_on_rollback(self, session: Session) -> None:
        """Hand the chunk back at once should the session's transaction not be committed."""
        committed: list[Session] = []

        def hand_back(_: Session, transaction: SessionTransaction) -> None:
            if transaction.parent is None and not committed:
                self._hand_back()

        event.listen(session, "after_commit", committed.append)
        event.listen(session, "after_transaction_end", hand_back)  # its connection is free by then

    def _renew(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            if time.monotonic() > self._most:
                self._lost.set()  # and whoever looks from outside finds the lease run out
                return
            end = func.now() + timedelta(seconds=self._seconds)
            if not self._update(lease_expires_at=end):
                self._lost.set()
                return

    def _hand_back(self) -> None:
        """Let the chunk wait for the next delivery; its worker failed, but was not lost."""
        self._update(status="pending", lease_expires_at=None)

    def _update(self, **values: Any) -> bool:
        """Write to the chunk; return False when the lease is another's by now."""
        try:
            with transaction(self._engine) as session:
                updated = session.scalar(
                    update(self._table)
                    .where(
                        self._table.id == self._chunk.id,
                        self._table.status == "running",
                        self._table.attempts == self._chunk.attempt,
                    )
                    .values(**values)
                    .returning(self._table.id)
                    .execution_options(synchronize_session=False)
                )
        except SQLAlchemyError:
            # The next beat may get through; if none does, the fence decides.
            log.warning("the chunk under a lease could not be written", exc_info=True)
            return True
        return updated is not None
