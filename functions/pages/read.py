"""Read a chunk of pages under a lease: the images that they show become chunks."""

from contextlib import suppress
from dataclasses import replace
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.fetchers import make_fetcher
from shared.crawls.leases import Lease, LeasedChunk, LeaseLost, lock_leased_chunk
from shared.crawls.pages import find_known_addresses, settle_pages
from shared.crawls.recovery import claim_chunk
from shared.crawls.spider import MAX_BYTES, Spider
from shared.fetching.addresses import AddressPolicy
from shared.messaging.messages import PageChunkReady
from shared.messaging.outbox import Outbox
from shared.settings import Settings


def prepare(
    ready: PageChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    chunk = claim_chunk(session, outbox, ready, settings.lease)
    return replace(chunk, known=find_known_addresses(session, chunk)) if chunk else None


def handle(
    chunk: LeasedChunk,
    engine: Engine,
    addresses: AddressPolicy,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Read a chunk of pages."""
    fetcher = make_fetcher(
        engine,
        addresses,
        settings,
        crawl_job_id=chunk.crawl_job_id,
        max_bytes=MAX_BYTES,
        heeds_opt_outs=False,
    )
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    spider = Spider(chunk, fetcher, settings.crawl_patience)
    with suppress(LeaseLost), lease, fetcher:
        deadline = monotonic() + settings.pages_budget
        spider.run(chunk.entries, lease.check, deadline)
    if lock_leased_chunk(session, chunk, with_job=True):
        settle_pages(session, outbox, chunk, spider.result)
