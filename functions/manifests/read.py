"""Read a part of a manifest under a lease: its rows become chunks, which others start on."""

from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.leases import Lease, LeasedChunk, LeaseLost, lock_leased_chunk
from shared.crawls.manifests import ManifestPart, read_part, settle_manifest
from shared.crawls.recovery import claim_chunk
from shared.messaging.messages import ManifestChunkReady
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage


def prepare(
    ready: ManifestChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    return claim_chunk(session, outbox, ready, settings.lease)


def handle(
    chunk: LeasedChunk,
    engine: Engine,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Read a part of a manifest."""
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    part = ManifestPart()
    with suppress(LeaseLost), lease:
        part = read_part(chunk, storage, settings, lease.check)
    if lock_leased_chunk(session, chunk, with_job=True):
        settle_manifest(session, outbox, chunk, part)
