"""Fetch a chunk under a lease: images into the bucket, or pages for the images that they show."""

from contextlib import suppress
from dataclasses import replace
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.chunks import PAGES
from shared.crawls.download import Downloader
from shared.crawls.known_images import find_known_images
from shared.crawls.leases import (
    Lease,
    LeasedChunk,
    LeaseLost,
    lock_leased_chunk,
)
from shared.crawls.recovery import claim_chunk
from shared.crawls.results import find_known_addresses, settle_images, settle_pages, will_add_chunks
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher
from shared.messaging.messages import ChunkReady, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage

_PAGES_BUDGET = 60  # seconds; then the images found so far are fetched while others go on reading


def prepare(
    ready: ChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    chunk = claim_chunk(session, outbox, ready.crawl_job_id, ready.chunk_id, settings.lease)
    if chunk and chunk.kind == PAGES:
        return replace(chunk, known=find_known_addresses(session, chunk))
    return chunk and replace(chunk, known_images=find_known_images(session, chunk))


def handle(
    chunk: LeasedChunk,
    engine: Engine,
    addresses: AddressPolicy,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Fetch a chunk."""
    fetcher = Fetcher(
        addresses,
        user_agent=settings.user_agent,
        max_bytes=settings.max_image_bytes,
        total_timeout=settings.crawl_timeout,
        per_host=settings.crawl_per_host,
        concurrency=settings.crawl_connections,
    )
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    if chunk.kind == PAGES:
        from shared.crawls.spider import Spider  # what reads HTML, which most workers never do

        spider = Spider(chunk)
        with suppress(LeaseLost), lease, fetcher:
            deadline = monotonic() + min(settings.crawl_budget, _PAGES_BUDGET)
            spider.run(fetcher, chunk.entries, lease.check, deadline)
        if lock_leased_chunk(session, chunk, with_job=True):
            settle_pages(session, outbox, chunk, spider.result)
        return
    downloader = Downloader(chunk, storage, settings)
    with suppress(LeaseLost), lease, fetcher:
        deadline = monotonic() + settings.crawl_budget
        downloader.run(fetcher, chunk.entries, lease.check, deadline)
    result = downloader.result
    if lock_leased_chunk(session, chunk, with_job=will_add_chunks(chunk, result)):
        settle_images(session, outbox, downloader.writer, settings.bucket, chunk, result)
    elif made := downloader.writer.made:
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=made))
