"""Make the renditions that were asked for, one decode for each image."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.imaging import THUMBNAIL, ImageRejected, Limits, Variant, render
from shared.messaging.messages import ObjectsReleased, VariantsRequested
from shared.messaging.outbox import Outbox
from shared.models import Image, ImageVariant
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import variant_object
from shared.storage.references import ObjectVanishedError, hold_project


@dataclass(frozen=True)
class Original:
    """An image whose bytes are stored."""

    image_id: UUID
    sha256: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """Which renditions of which images to make."""

    project_id: UUID
    originals: list[Original]
    variants: list[Variant]


@dataclass(frozen=True)
class Derived:
    """A rendition in the bucket that no row names yet; `made` tells whether this call put it."""

    image_id: UUID
    variant: Variant
    object: str
    width: int
    height: int
    file_size: int
    made: bool


def collect(requested: VariantsRequested, session: Session) -> Wanted | None:
    """The images that still exist."""
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
    originals = [Original(row.id, row.sha256 or "", row.file_path or "") for row in rows]
    variants = [Variant.model_validate(variant) for variant in requested.variants]
    return Wanted(requested.project_id, originals, variants) if originals else None


def handle(
    wanted: Wanted, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Derive the variants of a batch of stored images."""
    limits = Limits(max_bytes=settings.max_image_bytes)
    derived = list(_derive(wanted, storage, limits))
    alive = _hold_images(session, wanted)
    named = [one for one in derived if one.image_id in alive]
    for one in named:
        if not one.made and storage.find(one.object) is None:
            raise ObjectVanishedError(one.object)
    replaced = _write(session, named)
    released = (replaced | {one.object for one in derived}) - {one.object for one in named}
    if released:
        outbox.add(ObjectsReleased(project_id=wanted.project_id, names=sorted(released)))


def _derive(wanted: Wanted, storage: Storage, limits: Limits) -> Iterator[Derived]:
    """Makes and stores renditions, one image in memory at a time."""
    for original in wanted.originals:
        try:
            renditions = render(storage.read(original.name), wanted.variants, limits)
        except (FileNotFoundError, ImageRejected):
            continue  # deleted meanwhile, or not to be decoded a second time
        for rendered in renditions:
            variant = rendered.variant
            name = variant_object(
                wanted.project_id,
                original.sha256,
                variant.name,
                variant.spec_hash,
                rendered.extension,
            )
            yield Derived(
                image_id=original.image_id,
                variant=variant,
                object=name,
                width=rendered.width,
                height=rendered.height,
                file_size=len(rendered.data),
                made=storage.put_once(name, rendered.data, rendered.mime_type),
            )


def _hold_images(session: Session, wanted: Wanted) -> set[UUID]:
    """Locks the images that are left, so that renditions of one image are written in turn."""
    if not hold_project(session, wanted.project_id):
        return set()
    statement = (
        select(Image.id)
        .where(Image.id.in_([original.image_id for original in wanted.originals]))
        .order_by(Image.id)
        .with_for_update(key_share=True)
    )
    return set(session.scalars(statement))


def _write(session: Session, derived: list[Derived]) -> set[str]:
    """Names the renditions in their rows; returns the objects that rows named in their place."""
    before = {
        (image_id, name): replaced
        for image_id, name, replaced in session.execute(
            select(ImageVariant.image_id, ImageVariant.name, ImageVariant.object).where(
                ImageVariant.image_id.in_({one.image_id for one in derived}),
                ImageVariant.name.in_({one.variant.name for one in derived}),
            )
        )
    }
    for one in derived:
        values = {
            "spec": one.variant.spec,
            "object": one.object,
            "width": one.width,
            "height": one.height,
            "file_size": one.file_size,
        }
        session.execute(
            insert(ImageVariant)
            .values(image_id=one.image_id, name=one.variant.name, **values)
            .on_conflict_do_update(index_elements=["image_id", "name"], set_=values)
        )
        if one.variant.name == THUMBNAIL.name:
            session.execute(
                update(Image).where(Image.id == one.image_id).values(processed_path=one.object)
            )
    return {before[key] for one in derived if (key := (one.image_id, one.variant.name)) in before}
