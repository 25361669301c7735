"""The results of a search: new addresses become chunks, and the search goes on or ends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.crawls.chunks import KEYWORDS, URLS, add_chunks, make_chunk_message
from shared.crawls.entries import CrawlEntry
from shared.crawls.keywords import SearchRound
from shared.crawls.leases import LeasedChunk
from shared.crawls.outcomes import complete_chunk, insert_failures
from shared.crawls.search_progress import (
    COMPLETE,
    EngineProgress,
    read_progress,
    store_progress,
)
from shared.errors import Unavailable
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, FoundAddress
from shared.searching.asking import SearchAnswer
from shared.searching.engines import SearchError
from shared.searching.merging import identify_address, merge_results
from shared.searching.results import SearchResult

_MOST_PAGES = 1000  # of one engine for one keyword, should it never come to an end


def settle_search(
    session: Session, outbox: Outbox, chunk: LeasedChunk, round_: SearchRound
) -> None:
    """Add what a round found; hand the chunk on to its next worker, or complete it.

    Call it with the job and the chunk locked. Raise `Unavailable` when not one engine gave a page.
    """
    room = chunk.options.max_images - _count_addresses(session, chunk)
    new = _keep_new(session, chunk, round_)[: max(0, room)]
    images = [entry for _, entry in new]
    add_chunks(session, outbox, chunk.crawl_job_id, images, chunk.options.chunk_size)
    entries = _advance(chunk.entries, round_, Counter(name for name, _ in new))
    is_open = any(one.end is None for entry in entries for one in read_progress(entry).values())
    if is_open and round_.answers and len(new) < room:
        _hand_on(session, outbox, chunk, entries)
    else:
        _complete(session, outbox, chunk, entries)


def _count_addresses(session: Session, chunk: LeasedChunk) -> int:
    of_job = (CrawlChunk.crawl_job_id == chunk.crawl_job_id, CrawlChunk.kind == URLS)
    return session.scalar(select(func.sum(CrawlChunk.url_count)).where(*of_job)) or 0


def _keep_new(
    session: Session, chunk: LeasedChunk, round_: SearchRound
) -> list[tuple[str, CrawlEntry]]:
    """Return the entries of a round, with their engines, that the job does not have yet.

    An address that comes under another label is another entry, as it is in a list.
    """
    if not round_.answers:
        return []
    keyword = chunk.entries[round_.place]
    found: dict[str, list[SearchResult]] = {
        one.search.engine.name: one.taken for one in round_.answers
    }
    given = {
        _identify(engine, result, keyword): (engine, _make_entry(engine, result, keyword))
        for engine, result in merge_results(found)
    }
    if not given:
        return []
    statement = (
        insert(FoundAddress)
        .values([{"crawl_job_id": chunk.crawl_job_id, "digest": digest} for digest in given])
        .on_conflict_do_nothing()
        .returning(FoundAddress.digest)
    )
    new = set(session.scalars(statement))
    return [one for digest, one in given.items() if digest in new]


def _identify(engine: str, result: SearchResult, keyword: CrawlEntry) -> bytes:
    if result.reason is None:
        text = f"{keyword.label or ''}\0{identify_address(result.url)}"
    else:
        text = f"{keyword.label or ''}\0{keyword.url}\0{engine}\0{result.rank}"
    return sha256(text.encode()).digest()


def _make_entry(engine: str, result: SearchResult, keyword: CrawlEntry) -> CrawlEntry:
    about: dict[str, Any] = {
        "engine": engine,
        "rank": result.rank,
        "query": keyword.url,
        "creator": result.creator,
        "creator_page": result.creator_page,
    }
    return CrawlEntry(
        result.url,
        label=keyword.label,
        caption=result.title,
        license=result.license,
        attribution=result.attribution,
        source_page=result.source_page,
        reason=result.reason,
        detail=f"{engine}, result {result.rank}: {result.detail}" if result.reason else None,
        metadata={name: value for name, value in about.items() if value is not None},
    )


def _advance(
    entries: Sequence[CrawlEntry], round_: SearchRound, found: Counter[str]
) -> list[CrawlEntry]:
    """Return the keywords with the progress that a round made."""
    advanced = [read_progress(entry) for entry in entries]
    for answer in round_.answers:
        name = answer.search.engine.name
        state = advanced[round_.place]
        state[name] = _move(state[name], answer, found[name])
        if answer.error is not None and answer.error.ends_engine:
            for other in advanced:
                if name in other and other[name].end is None:
                    other[name] = _end(other[name], answer.error)
    return [store_progress(*one) for one in zip(entries, advanced, strict=True)]


def _move(state: EngineProgress, answer: SearchAnswer, found: int) -> EngineProgress:
    page = answer.page
    if page is None:
        return _end(state, answer.error) if answer.error else state
    taken = state.skip + len(answer.taken)
    state = replace(state, pages=state.pages + 1, found=state.found + found, skip=taken)
    if answer.error is not None:
        return _end(state, answer.error)
    if taken < len(page.results):
        return replace(state, cursor=answer.search.query.cursor)
    read = state.read + len(page.results) + page.passed
    state = replace(state, cursor=page.following, read=read, skip=0)
    if page.following is None:
        return replace(state, end=COMPLETE)
    if state.pages >= _MOST_PAGES:
        detail = f"{answer.search.engine.name}: of one keyword {_MOST_PAGES} pages are read"
        return _end(state, SearchError("too_many_pages", detail, retryable=False))
    return state


def _end(state: EngineProgress, error: SearchError) -> EngineProgress:
    return replace(state, end=error.reason, detail=error.detail, retryable=error.retryable)


def _hand_on(
    session: Session, outbox: Outbox, chunk: LeasedChunk, entries: Sequence[CrawlEntry]
) -> None:
    """Let the chunk wait for its next worker, who goes on from here."""
    session.execute(
        update(CrawlChunk)
        .where(CrawlChunk.id == chunk.id)
        .values(
            status="pending",
            lease_expires_at=None,
            lost_workers=0,  # whoever was lost, this one got on
            urls=[entry.to_json() for entry in entries],
        )
        .execution_options(synchronize_session=False)
    )
    outbox.add(make_chunk_message(KEYWORDS, chunk.crawl_job_id, chunk.id))


def _complete(
    session: Session, outbox: Outbox, chunk: LeasedChunk, entries: Sequence[CrawlEntry]
) -> None:
    states = [(entry, one) for entry in entries for one in read_progress(entry).values()]
    failed = [(entry, one) for entry, one in states if one.has_failed]
    if len(failed) == len(states) and not any(one.pages for _, one in states):
        details = dict.fromkeys(one.detail for _, one in failed)
        raise Unavailable(f"Nothing could be searched: {'; '.join(filter(None, details))}.")
    failures = [
        (entry, SearchError(one.end or "", one.detail or "", retryable=one.retryable))
        for entry, one in failed
    ]
    insert_failures(session, chunk, failures)
    complete_chunk(session, outbox, chunk, urls=[entry.to_json() for entry in entries])
