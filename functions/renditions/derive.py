"""Make the renditions that were asked for, one decode for each image."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.imaging import ImageRejected, Limits, Rendered, Variant, render
from shared.messages import ImagesStored, ObjectsReleased, VariantsReady
from shared.models import Image, ImageVariant
from shared.outbox import Outbox
from shared.settings import Settings
from shared.storage import Storage
from shared.storage_names import variant_object


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


def collect(stored: ImagesStored, session: Session) -> Wanted | None:
    """The images that still exist, if there is anything to make of them."""
    if not stored.variants:
        return None
    rows = session.execute(
        select(Image.id, Image.sha256, Image.file_path).where(
            Image.id.in_(stored.image_ids),
            Image.project_id == stored.project_id,
            Image.status == "completed",
            Image.file_path.is_not(None),
        )
    ).all()
    return Wanted(
        stored.project_id,
        [Original(id, sha256 or "", name or "") for id, sha256, name in rows],
        [Variant.model_validate(variant) for variant in stored.variants],
    )


def handle(
    wanted: Wanted, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Derive the variants of a batch of stored images."""
    limits = Limits(max_bytes=settings.max_image_bytes)
    made: list[tuple[Original, Rendered, str]] = []
    for original in wanted.originals:
        try:
            data = storage.read(original.name)
            renditions = render(data, wanted.variants, limits)
        except (FileNotFoundError, ImageRejected):
            continue  # deleted meanwhile, or not to be decoded a second time
        for rendered in renditions:
            name = variant_object(
                wanted.project_id,
                original.sha256,
                rendered.variant.name,
                rendered.variant.spec_hash,
                rendered.extension,
            )
            storage.put_once(name, rendered.data, rendered.mime_type)
            made.append((original, rendered, name))
    _write(session, outbox, wanted, made)


def _write(
    session: Session,
    outbox: Outbox,
    wanted: Wanted,
    made: list[tuple[Original, Rendered, str]],
) -> None:
    """Names the renditions in their images' rows; a changed specification replaces the old one."""
    alive = set(
        session.scalars(
            select(Image.id)
            .where(Image.id.in_([original.image_id for original in wanted.originals]))
            .with_for_update(key_share=True)
        )
    )
    ids = sorted(alive)
    names = {rendered.variant.name for _, rendered, _ in made}
    before = set(
        session.scalars(
            select(ImageVariant.object).where(
                ImageVariant.image_id.in_(ids), ImageVariant.name.in_(names)
            )
        )
    )
    for original, rendered, name in made:
        if original.image_id not in alive:
            before.add(name)
            continue
        values = {
            "spec": rendered.variant.model_dump(mode="json", exclude={"name"}),
            "object": name,
            "width": rendered.width,
            "height": rendered.height,
            "file_size": len(rendered.data),
        }
        session.execute(
            insert(ImageVariant)
            .values(image_id=original.image_id, name=rendered.variant.name, **values)
            .on_conflict_do_update(index_elements=["image_id", "name"], set_=values)
        )
    if before:
        outbox.add(ObjectsReleased(project_id=wanted.project_id, names=sorted(before)))
    if ids:
        outbox.add(VariantsReady(image_ids=ids))
