"""Makes chunks of a crawl job, ends them early, and moves work between them.

A live chunk has no outcome yet: every address in it is outstanding. What is to be tried again
moves to a new chunk, so that counts are written once, when the chunk ends. Only a change of which
image is the original of which (`shared.images.originals`) moves counts between ended chunks.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.crawls.entries import CrawlEntry
from shared.crawls.search_progress import reopen_search
from shared.messaging.messages import (
    ChunkReady,
    ChunkWaiting,
    KeywordChunkReady,
    ManifestChunkReady,
    PageChunkReady,
    VariantChunkReady,
    WorkSettled,
)
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, FetchFailure
from shared.models.base import new_id
from shared.states import LIVE

URLS, PAGES, MANIFEST, KEYWORDS, VARIANTS = "urls", "pages", "manifest", "keywords", "variants"
SOURCES = frozenset({PAGES, MANIFEST, KEYWORDS})  # which are read for addresses, and are none
MAX_PAGES, MAX_SITEMAPS = 2000, 200  # of one crawl job
VARIANT_CHUNK_SIZE = 50  # images; each is decoded again


def add_chunks(
    session: Session,
    outbox: Outbox,
    crawl_job_id: UUID,
    entries: Sequence[CrawlEntry],
    size: int,
    *,
    kind: str = URLS,
) -> int:
    """Split addresses into chunks of `size` behind the job's last one; return how many.

    Call it as `insert_chunks` is called.
    """
    chunk_ids = insert_chunks(session, crawl_job_id, entries, size, kind=kind)
    outbox.add(*(make_chunk_message(kind, crawl_job_id, chunk_id) for chunk_id in chunk_ids))
    return len(chunk_ids)


def insert_chunks(
    session: Session,
    crawl_job_id: UUID,
    entries: Sequence[CrawlEntry],
    size: int,
    *,
    kind: str = URLS,
) -> list[UUID]:
    """Split addresses into chunks that nobody is told of yet; return their ids.

    Call it with the job's row locked: that orders positions, and keeps a job that is ending from
    getting new work. What is read for addresses is no image, so chunks of `SOURCES` count no URLs.
    """
    first = session.scalar(
        select(func.coalesce(func.max(CrawlChunk.position) + 1, 0)).where(
            CrawlChunk.crawl_job_id == crawl_job_id
        )
    )
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "crawl_job_id": crawl_job_id,
            "position": (first or 0) + number,
            "kind": kind,
            "urls": [entry.to_json() for entry in entries[start : start + size]],
            "url_count": 0 if kind in SOURCES else min(size, len(entries) - start),
        }
        for number, start in enumerate(range(0, len(entries), size))
    ]
    if rows:
        # RETURNING, because only then SQLAlchemy sends many rows at once with pg8000.
        session.execute(insert(CrawlChunk).returning(CrawlChunk.id), rows)
    return [row["id"] for row in rows]


_MESSAGES: dict[str, type[ChunkWaiting]] = {
    URLS: ChunkReady,
    PAGES: PageChunkReady,
    KEYWORDS: KeywordChunkReady,
    MANIFEST: ManifestChunkReady,
    VARIANTS: VariantChunkReady,
}


def make_chunk_message(kind: str, crawl_job_id: UUID, chunk_id: UUID) -> ChunkWaiting:
    """Return the message that hands a waiting chunk to a worker of its kind."""
    return _MESSAGES[kind](crawl_job_id=crawl_job_id, chunk_id=chunk_id)


def get_kind(message: ChunkWaiting) -> str:
    """Return the kind of chunks that a message is about."""
    return next(kind for kind, owner in _MESSAGES.items() if isinstance(message, owner))


def end_chunks(
    session: Session,
    which: ColumnElement[bool],
    *,
    status: str,
    reason: str,
    detail: str,
    retryable: bool = True,
) -> Sequence[UUID]:
    """End live chunks before their time; return the job of each that this call ended.

    Every address in them becomes a failure with this reason, which a retry takes up again if it
    is `retryable`.
    """
    ended = (
        update(CrawlChunk)
        .where(which, CrawlChunk.status.in_(LIVE))
        .values(
            status=status,
            error=detail,
            failed=CrawlChunk.url_count,
            lease_expires_at=None,
            completed_at=func.now(),
        )
        .returning(CrawlChunk.id, CrawlChunk.crawl_job_id, CrawlChunk.urls)
        .cte("ended")
    )
    entry: Any = func.jsonb_array_elements(
        func.coalesce(ended.c.urls, literal([], JSONB)), type_=JSONB
    ).table_valued("value", joins_implicitly=True)
    given = entry.c.value.op("->>")
    columns: dict[str, ColumnElement[Any]] = {
        "id": func.new_id(),
        "crawl_job_id": ended.c.crawl_job_id,
        "chunk_id": ended.c.id,
        "url": given("url"),
        "position": cast(given("position"), Integer),
        "image_id": cast(given("image_id"), Uuid),
        "reason": literal(reason),
        "detail": literal(detail),
        "retryable": literal(retryable),
    }
    written = (
        insert(FetchFailure)
        .from_select(list(columns), select(*columns.values()), include_defaults=False)
        .cte("written")
    )
    return session.scalars(select(ended.c.crawl_job_id).add_cte(written)).all()


def fail_chunk(session: Session, chunk_id: UUID, reason: str, outbox: Outbox) -> bool:
    """Fail a chunk: every address in it fails for this reason.

    Return whether the chunk was still live.
    """
    jobs = end_chunks(
        session, CrawlChunk.id == chunk_id, status="failed", reason="chunk_failed", detail=reason
    )
    for crawl_job_id in jobs:
        outbox.add(WorkSettled(crawl_job_id=crawl_job_id))
    return bool(jobs)


def reopen_failures(session: Session, outbox: Outbox, crawl_job_id: UUID, size: int) -> int:
    """Move every entry that may succeed later to new chunks; return how many entries.

    Their failures are deleted, and their chunks shrink or, where nothing is left, go. Call it with
    the job's row locked and none of its chunks live.
    """
    wanted: dict[UUID, Counter[str]] = defaultdict(Counter)
    for chunk_id, url, image_id in session.execute(
        delete(FetchFailure)
        .where(FetchFailure.crawl_job_id == crawl_job_id, FetchFailure.retryable)
        .returning(FetchFailure.chunk_id, FetchFailure.url, FetchFailure.image_id)
    ):
        wanted[chunk_id][str(image_id) if image_id else url] += 1
    moved: dict[str, list[CrawlEntry]] = {kind: [] for kind in (URLS, *SOURCES, VARIANTS)}
    emptied, shrunk = [], []
    for chunk in session.execute(
        select(CrawlChunk.id, CrawlChunk.kind, CrawlChunk.urls, CrawlChunk.url_count)
        .add_columns(CrawlChunk.failed)
        .where(CrawlChunk.id.in_(wanted))
        .order_by(CrawlChunk.position)
    ):
        remaining = []
        for given in chunk.urls or []:
            name = given.get("image_id") or given["url"]
            if wanted[chunk.id][name] > 0:
                wanted[chunk.id][name] -= 1
                moved[chunk.kind].append(CrawlEntry.parse(given))
            else:
                remaining.append(given)
        if not remaining:
            emptied.append(chunk.id)
            continue
        gone = 0 if chunk.kind in SOURCES else len(chunk.urls) - len(remaining)
        shrunk.append(
            {
                "id": chunk.id,
                "urls": remaining,
                "url_count": chunk.url_count - gone,
                "failed": chunk.failed - gone,
            }
        )
    if shrunk:
        session.execute(update(CrawlChunk), shrunk)
    session.execute(delete(CrawlChunk).where(CrawlChunk.id.in_(emptied)))
    add_chunks(session, outbox, crawl_job_id, moved[URLS], size)
    add_chunks(session, outbox, crawl_job_id, moved[PAGES], len(moved[PAGES]) or 1, kind=PAGES)
    add_chunks(session, outbox, crawl_job_id, moved[MANIFEST], 1, kind=MANIFEST)
    searches = [reopen_search(entry) for entry in moved[KEYWORDS]]
    add_chunks(session, outbox, crawl_job_id, searches, len(searches) or 1, kind=KEYWORDS)
    add_chunks(session, outbox, crawl_job_id, moved[VARIANTS], VARIANT_CHUNK_SIZE, kind=VARIANTS)
    return sum(map(len, moved.values()))
