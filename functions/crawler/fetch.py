"""Fetch a chunk of images under a lease, into the bucket."""

from contextlib import suppress
from dataclasses import replace
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.download import Downloader
from shared.crawls.fetchers import make_fetcher
from shared.crawls.known_images import find_known_images
from shared.crawls.leases import (
    Lease,
    LeasedChunk,
    LeaseLost,
    lock_leased_chunk,
)
from shared.crawls.recovery import claim_chunk
from shared.crawls.results import settle_images, will_add_chunks
from shared.fetching.addresses import AddressPolicy
from shared.messaging.messages import ChunkReady, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage


def prepare(
    ready: ChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    chunk = claim_chunk(session, outbox, ready, settings.lease)
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
    fetcher = make_fetcher(engine, addresses, settings, crawl_job_id=chunk.crawl_job_id)
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    downloader = Downloader(chunk, storage, settings)
    with suppress(LeaseLost), lease, fetcher:
        deadline = monotonic() + settings.crawl_budget
        downloader.run(fetcher, chunk.entries, lease.check, deadline)
    result = downloader.result
    if lock_leased_chunk(session, chunk, with_job=will_add_chunks(chunk, result)):
        settle_images(session, outbox, downloader.writer, settings.bucket, chunk, result)
    elif made := downloader.writer.made:
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=made))
