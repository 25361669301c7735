"""Fetch a chunk under a lease: images into the bucket, or pages for the images that they show."""

from contextlib import suppress
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawling.intake import Intake
from shared.crawling.leases import MAX_LEASES, Lease, LeasedChunk, LeaseLost, hold, take
from shared.crawling.settling import settle_images
from shared.failures import fail_chunk
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher
from shared.messages import ChunkReady, ObjectsReleased
from shared.outbox import Outbox
from shared.settings import Settings
from shared.storage import Storage


def lease(
    ready: ChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """The chunk, when it waits for a worker."""
    chunk = take(session, ready.chunk_id, settings.lease)
    if chunk is not None and chunk.attempt > MAX_LEASES:
        reason = f"Given up: {MAX_LEASES} times its worker ended before it was done."
        fail_chunk(session, chunk.id, reason, outbox)
        return None
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
    deadline = monotonic() + settings.crawl_budget
    intake = Intake(chunk.project_id, chunk.options, storage, settings)
    fetcher = Fetcher(
        addresses,
        user_agent=settings.user_agent,
        max_bytes=settings.max_image_bytes,
        total_timeout=settings.crawl_timeout,
        per_host=settings.crawl_per_host,
        concurrency=settings.crawl_connections,
    )
    with suppress(LeaseLost), Lease(engine, chunk, settings.lease) as held, fetcher:
        intake.run(fetcher, chunk.entries, held.check, deadline)
    harvest = intake.harvest
    if hold(session, chunk, with_job=bool(harvest.left)):
        settle_images(session, outbox, storage, settings.bucket, chunk, harvest)
    elif harvest.objects:
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=harvest.objects))
