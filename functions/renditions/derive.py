"""Make the renditions that were asked for, one decode for each image."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.images.variants import StoredVariant, request_variants, store_variant, write_variants
from shared.imaging import ImageRejected, Limits, Variant, render
from shared.messaging.messages import ObjectsReleased, VariantsRequested
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.references import lock_project
from shared.storage.writer import ObjectWriter


@dataclass(frozen=True)
class StoredOriginal:
    """An image whose bytes are stored."""

    image_id: UUID
    sha256: str
    name: str


@dataclass(frozen=True)
class Derivation:
    """Which renditions of which images to make."""

    project_id: UUID
    originals: list[StoredOriginal]
    variants: list[Variant]


def prepare(requested: VariantsRequested, session: Session) -> Derivation | None:
    """Return the images that still exist, with what to make of them."""
    rows = session.execute(
        select(Image.id, Image.sha256, Image.file_path)
        .where(
            Image.id.in_(requested.image_ids),
            Image.project_id == requested.project_id,
            Image.status == "completed",
            Image.file_path.is_not(None),
        )
        .order_by(Image.id)
    ).all()
    originals = [StoredOriginal(row.id, row.sha256 or "", row.file_path or "") for row in rows]
    variants = [Variant.model_validate(variant) for variant in requested.variants]
    return Derivation(requested.project_id, originals, variants) if originals else None


def handle(
    work: Derivation, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Derive the variants of a batch of stored images."""
    writer = ObjectWriter(storage)
    stored = list(_store(work, storage, writer, Limits(max_bytes=settings.max_image_bytes)))
    alive = _lock_images(session, work)
    named = [(image_id, one) for image_id, one in stored if image_id in alive]
    writer.check(one.object for _, one in named)
    replaced = write_variants(session, named)
    released = {*replaced, *writer.made} - {one.object for _, one in named}
    if released:
        outbox.add(ObjectsReleased(project_id=work.project_id, names=sorted(released)))
    outbox.add(*_ask_for_originals(session, work, alive))


def _store(
    work: Derivation, storage: Storage, writer: ObjectWriter, limits: Limits
) -> Iterator[tuple[UUID, StoredVariant]]:
    """Make and put renditions, one image in memory at a time; yield them with its id."""
    for original in work.originals:
        try:
            renditions = render(storage.read(original.name), work.variants, limits)
        except (FileNotFoundError, ImageRejected):
            continue  # deleted meanwhile, or not to be decoded a second time
        for rendered in renditions:
            stored = store_variant(writer, work.project_id, original.sha256, rendered)
            yield original.image_id, stored


def _ask_for_originals(
    session: Session, work: Derivation, image_ids: Collection[UUID]
) -> Iterator[VariantsRequested]:
    """Ask for what the originals lack where an image has become a duplicate since it was asked for.

    In a dataset the original stands for it. A variant that the original has stays as it is.
    """
    found = session.scalars(
        select(Image.duplicate_of).where(Image.id.in_(image_ids), Image.duplicate_of.is_not(None))
    )
    originals = set(filter(None, found)) - {original.image_id for original in work.originals}
    yield from request_variants(session, work.project_id, dict.fromkeys(originals, work.variants))


def _lock_images(session: Session, work: Derivation) -> set[UUID]:
    """Lock the images that are left, so that renditions of one image are written in turn."""
    if not lock_project(session, work.project_id):
        return set()
    statement = (
        select(Image.id)
        .where(Image.id.in_([original.image_id for original in work.originals]))
        .order_by(Image.id)
        .with_for_update(key_share=True)
    )
    return set(session.scalars(statement))
