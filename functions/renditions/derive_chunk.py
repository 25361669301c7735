"""Make the variants that a crawl job asks for, of a chunk of its images, under a lease."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.crawls.chunks import VARIANT_CHUNK_SIZE, VARIANTS, add_chunks
from shared.crawls.leases import Lease, LeasedChunk, LeaseLost, lock_leased_chunk
from shared.crawls.outcomes import complete_chunk, insert_failures
from shared.crawls.recovery import claim_chunk
from shared.crawls.variants import find_lacking, list_variants
from shared.images.derivation import (
    StoredOriginal,
    VariantFailure,
    derive,
    find_originals,
    follow_duplicates,
    lock_images,
)
from shared.images.variant_requests import remove_requests
from shared.images.variants import StoredVariant, write_variants
from shared.imaging import Limits, Variant
from shared.messaging.messages import ObjectsReleased, VariantChunkReady
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.writer import ObjectWriter

_BUDGET = 200  # seconds; what has not begun by then goes into another chunk


@dataclass(frozen=True)
class ChunkDerivation:
    """A leased chunk's images, and which variants each of them lacks."""

    chunk: LeasedChunk
    originals: list[StoredOriginal]
    lacking: Mapping[UUID, list[Variant]]


@dataclass
class DerivationResult:
    """The variants of a chunk's images by image; for `unfinished` ones there was no time."""

    stored: dict[UUID, list[StoredVariant]] = field(default_factory=dict)
    failed: dict[UUID, VariantFailure] = field(default_factory=dict)
    unfinished: set[UUID] = field(default_factory=set)


def prepare(
    ready: VariantChunkReady, session: Session, outbox: Outbox, settings: Settings
) -> ChunkDerivation | None:
    """Return the chunk, leased for this worker, or None when it does not wait for one."""
    chunk = claim_chunk(session, outbox, ready, settings.lease)
    if chunk is None:
        return None
    ids = [UUID(entry.image_id) for entry in chunk.entries if entry.image_id]
    originals = find_originals(session, chunk.project_id, ids)
    return ChunkDerivation(
        chunk, originals, find_lacking(session, ids, list_variants(chunk.options))
    )


def handle(
    work: ChunkDerivation,
    engine: Engine,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Derive the variants of a chunk."""
    chunk, writer, result = work.chunk, ObjectWriter(storage), DerivationResult()
    lease = Lease(engine, chunk, settings.lease)
    lease.release_on_rollback(session)
    with suppress(LeaseLost), lease:
        limits = Limits(max_bytes=settings.max_image_bytes)
        deadline = monotonic() + min(settings.crawl_budget, _BUDGET)
        _derive(work, storage, writer, limits, lease, deadline, result)
    named: list[tuple[UUID, StoredVariant]] = []
    replaced: set[str] = set()
    if lock_leased_chunk(session, chunk, with_job=bool(result.unfinished)):
        alive = lock_images(session, chunk.project_id, [one.image_id for one in work.originals])
        named = [
            (image_id, one)
            for image_id, stored in result.stored.items()
            if image_id in alive
            for one in stored
        ]
        writer.check(one.object for _, one in named)
        replaced = write_variants(session, named)
        remove_requests(session, ((image_id, one.variant) for image_id, one in named))
        _settle(session, outbox, chunk, result, alive)
        variants = list_variants(chunk.options)
        outbox.add(*follow_duplicates(session, chunk.project_id, alive, variants))
    released = {*replaced, *writer.made} - {one.object for _, one in named}
    if released:
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=sorted(released)))


def _derive(
    work: ChunkDerivation,
    storage: Storage,
    writer: ObjectWriter,
    limits: Limits,
    lease: Lease,
    deadline: float,
    result: DerivationResult,
) -> None:
    """Fill `result`, one image in memory at a time; one is tried however late it is."""
    for original in work.originals:
        lease.check()
        if (result.stored or result.failed) and monotonic() > deadline:
            result.unfinished.add(original.image_id)
            continue
        variants = work.lacking.get(original.image_id, [])
        made = derive(original, variants, work.chunk.project_id, storage, writer, limits)
        if isinstance(made, VariantFailure):
            result.failed[original.image_id] = made
        else:
            result.stored[original.image_id] = made


def _settle(
    session: Session,
    outbox: Outbox,
    chunk: LeasedChunk,
    result: DerivationResult,
    alive: set[UUID],
) -> None:
    """Complete the chunk; images that have been deleted meanwhile owe nothing."""
    entries = {UUID(entry.image_id): entry for entry in chunk.entries if entry.image_id}
    left = [entry for image_id, entry in entries.items() if image_id in result.unfinished & alive]
    failed = [
        (entries[image_id], failure)
        for image_id, failure in result.failed.items()
        if image_id in alive
    ]
    made = result.stored.keys() & alive
    done = [entry for image_id, entry in entries.items() if image_id in made]
    insert_failures(session, chunk, failed)
    add_chunks(session, outbox, chunk.crawl_job_id, left, VARIANT_CHUNK_SIZE, kind=VARIANTS)
    complete_chunk(
        session,
        outbox,
        chunk,
        urls=[entry.to_json() for entry in [*done, *(entry for entry, _ in failed)]],
        url_count=len(done) + len(failed),
        downloaded=len(done),
        failed=len(failed),
    )
