"""Make the variants of images that somebody asked for by hand."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from shared.images.derivation import (
    StoredOriginal,
    VariantFailure,
    derive,
    find_originals,
    follow_duplicates,
    lock_images,
)
from shared.images.variant_requests import fail_requests, remove_requests
from shared.images.variants import StoredVariant, write_variants
from shared.imaging import Limits, Variant
from shared.messaging.messages import ObjectsReleased, VariantsRequested
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.writer import ObjectWriter


@dataclass(frozen=True)
class Derivation:
    """Images with the variants to make of each."""

    project_id: UUID
    originals: list[StoredOriginal]
    variants: list[Variant]


def prepare(requested: VariantsRequested, session: Session) -> Derivation | None:
    """Return the images that still exist, with what to make of them."""
    originals = find_originals(session, requested.project_id, requested.image_ids)
    variants = [Variant.model_validate(variant) for variant in requested.variants]
    return Derivation(requested.project_id, originals, variants) if originals else None


def handle(
    work: Derivation, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Derive the variants of images."""
    writer = ObjectWriter(storage)
    limits = Limits(max_bytes=settings.max_image_bytes)
    stored: list[tuple[UUID, StoredVariant]] = []
    failed: dict[UUID, str] = {}
    for original in work.originals:
        made = derive(original, work.variants, work.project_id, storage, writer, limits)
        if isinstance(made, VariantFailure):
            failed[original.image_id] = f"{made.reason}: {made.detail}"
        else:
            stored += [(original.image_id, one) for one in made]
    ids = [original.image_id for original in work.originals]
    alive = lock_images(session, work.project_id, ids)
    named = [(image_id, one) for image_id, one in stored if image_id in alive]
    writer.check(one.object for _, one in named)
    replaced = write_variants(session, named)
    remove_requests(session, ((image_id, one.variant) for image_id, one in named))
    fail_requests(session, failed, work.variants)
    released = {*replaced, *writer.made} - {one.object for _, one in named}
    if released:
        outbox.add(ObjectsReleased(project_id=work.project_id, names=sorted(released)))
    outbox.add(*follow_duplicates(session, work.project_id, alive, work.variants))
