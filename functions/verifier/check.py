"""Ask for a chunk of images at their origins again, under a lease."""

from contextlib import suppress
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.fetchers import make_fetcher
from shared.crawls.leases import Lease, LeaseLost
from shared.fetching.addresses import AddressPolicy
from shared.messaging.messages import VerificationChunkReady
from shared.messaging.outbox import Outbox
from shared.models import VerificationChunk
from shared.settings import Settings
from shared.verifications.checking import OriginChecker
from shared.verifications.chunks import LeasedVerification, lock_leased_verification
from shared.verifications.recovery import claim_verification
from shared.verifications.settling import settle_verification


def prepare(
    ready: VerificationChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedVerification | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    return claim_verification(session, outbox, ready.chunk_id, settings.lease)


def handle(
    chunk: LeasedVerification,
    engine: Engine,
    addresses: AddressPolicy,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Verify a chunk of images."""
    fetcher = make_fetcher(engine, addresses, settings)
    lease = Lease(engine, chunk, settings.lease, VerificationChunk)
    lease.release_on_rollback(session)
    checker = OriginChecker(chunk, settings)
    with suppress(LeaseLost), lease, fetcher:
        checker.run(fetcher, lease.check, monotonic() + settings.crawl_budget)
    if job := lock_leased_verification(session, chunk):
        settle_verification(session, outbox, job, chunk, checker.findings)
