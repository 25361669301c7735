"""Search a page further under a lease: what engines find becomes chunks, which others start on."""

from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.engines import check_engines
from shared.crawls.keyword_results import settle_search
from shared.crawls.keywords import SearchRound, search_round
from shared.crawls.leases import Lease, LeasedChunk, LeaseLost, lock_leased_chunk
from shared.crawls.recovery import claim_chunk
from shared.fetching.addresses import AddressPolicy
from shared.messaging.messages import KeywordChunkReady
from shared.messaging.outbox import Outbox
from shared.searching.asking import open_client
from shared.searching.engines import make_engines
from shared.searching.pace import SearchPace
from shared.settings import Settings


def prepare(
    ready: KeywordChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> LeasedChunk | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    return claim_chunk(session, outbox, ready, settings.lease)


def handle(
    chunk: LeasedChunk,
    engine: Engine,
    addresses: AddressPolicy,
    pace: SearchPace,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Search a page further."""
    check_engines(chunk.source["engines"], settings)
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    found = SearchRound()
    with suppress(LeaseLost), lease, open_client(addresses, settings) as client:
        found = search_round(chunk, make_engines(settings), client, pace, lease.check)
    if lock_leased_chunk(session, chunk, with_job=True):
        settle_search(session, outbox, chunk, found)
