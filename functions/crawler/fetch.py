"""Fetch a chunk under a lease: images into the bucket, or pages for the images that they show."""

from contextlib import suppress
from dataclasses import replace
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.chunks import PAGES, fail_chunk
from shared.crawls.download import Intake
from shared.crawls.leases import Lease, LeasedChunk, LeaseLost, hold, take, why_given_up
from shared.crawls.settling import known_addresses, settle_images, settle_pages
from shared.crawls.spider import Spider
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher
from shared.messaging.messages import ChunkReady, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage

_PAGES_BUDGET = 60  # seconds; then the images found so far are fetched while others go on reading


def take_chunk(
    ready: ChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """The chunk, when it waits for a worker."""
    chunk = take(session, ready.chunk_id, settings.lease)
    if chunk is None:
        return None
    if reason := why_given_up(chunk.attempt - 1):
        fail_chunk(session, chunk.id, reason, outbox)
        return None
    if chunk.kind == PAGES:
        return replace(chunk, known=known_addresses(session, chunk))
    return chunk


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
    lease.give_back_with(session)
    if chunk.kind == PAGES:
        spider = Spider(chunk)
        with suppress(LeaseLost), lease, fetcher:
            deadline = monotonic() + min(settings.crawl_budget, _PAGES_BUDGET)
            spider.run(fetcher, chunk.entries, lease.check, deadline)
        if hold(session, chunk, with_job=True):
            settle_pages(session, outbox, chunk, spider.findings)
        return
    intake = Intake(chunk.project_id, chunk.options, storage, settings)
    with suppress(LeaseLost), lease, fetcher:
        deadline = monotonic() + settings.crawl_budget
        intake.run(fetcher, chunk.entries, lease.check, deadline)
    harvest = intake.harvest
    if hold(session, chunk, with_job=bool(harvest.left)):
        settle_images(session, outbox, intake.writer, settings.bucket, chunk, harvest)
    elif made := intake.writer.made:
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=made))
