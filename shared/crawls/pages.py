"""The results of a chunk of pages: chunks of images and pages, in its worker's last transaction."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.crawls.chunks import PAGES, add_chunks
from shared.crawls.leases import KnownAddresses, LeasedChunk
from shared.crawls.outcomes import complete_chunk, insert_failures, split_unfinished
from shared.crawls.postponing import postpone
from shared.crawls.spider import SpiderResult
from shared.fetching.client import Failure
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk

_OUT_OF_TIME = Failure("deadline", "not one page answered in the time there is", retryable=True)


def settle_pages(
    session: Session, outbox: Outbox, chunk: LeasedChunk, result: SpiderResult
) -> None:
    """Complete a chunk of pages: the images found become chunks, pages left a further one.

    Other chunks of the job may have been written meanwhile, so with the job's row locked what is
    known is looked up again. Pages whose hosts are closed wait for them, in the chunk or another.
    """
    if result.waiting and not (result.read or result.failed or result.unfinished or result.images):
        postpone(session, chunk, result.waiting, is_all=True)
        result.ledger.write(session)
        return
    known = find_known_addresses(session, chunk)
    out_of_time = [(entry, _OUT_OF_TIME) for entry in result.unfinished]
    failed, postponed = split_unfinished(result.read, result.failed, out_of_time)
    left = [entry for entry, _ in postponed]
    room = max(0, chunk.options.max_images - len(known.images))
    images = [one for url, one in result.images.items() if url not in known.images][:room]
    add_chunks(session, outbox, chunk.crawl_job_id, images, chunk.options.chunk_size)
    if left and len(images) < room:
        add_chunks(session, outbox, chunk.crawl_job_id, left, len(left), kind=PAGES)
    if result.waiting and len(images) < room:
        postpone(session, chunk, result.waiting, is_all=False)
    insert_failures(session, chunk, failed)
    pages = [*result.read, *(entry for entry, _ in failed)]
    complete_chunk(session, outbox, chunk, urls=[page.to_json() for page in pages])
    result.ledger.write(session)


def find_known_addresses(session: Session, chunk: LeasedChunk) -> KnownAddresses:
    """Return the addresses that the other chunks of a job hold by now."""
    entry = func.jsonb_array_elements(CrawlChunk.urls, type_=JSONB).table_valued(
        "value", joins_implicitly=True
    )
    get = entry.c.value.op("->>")
    pages: set[str] = set()
    sitemaps: set[str] = set()
    images: set[str] = set()
    for kind, url, role in session.execute(
        select(CrawlChunk.kind, get("url"), get("role")).where(
            CrawlChunk.crawl_job_id == chunk.crawl_job_id, CrawlChunk.id != chunk.id
        )
    ):
        (images if kind != PAGES else sitemaps if role else pages).add(url)
    return KnownAddresses(frozenset(pages), frozenset(sitemaps), frozenset(images))
