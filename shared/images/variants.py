"""Variants in the bucket, and the rows that name them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.imaging import THUMBNAIL, Rendered, Variant
from shared.messaging.messages import VariantsRequested
from shared.models import Image, ImageVariant
from shared.storage.names import name_variant
from shared.storage.writer import ObjectWriter

BATCH = 50  # images of one message; each is decoded again
_WRITTEN = ("spec", "object", "width", "height", "file_size")


@dataclass(frozen=True, slots=True)
class StoredVariant:
    """A variant in the bucket that no row names yet; its sides in pixels, its size in bytes."""

    variant: Variant
    object: str
    width: int
    height: int
    file_size: int


def store_variant(
    writer: ObjectWriter, project_id: UUID, sha256: str, rendered: Rendered
) -> StoredVariant:
    """Put a variant of the image with this content into the bucket."""
    variant = rendered.variant
    name = name_variant(project_id, sha256, variant.name, variant.spec_hash, rendered.extension)
    writer.put(name, rendered.data, rendered.mime_type)
    return StoredVariant(variant, name, rendered.width, rendered.height, len(rendered.data))


def request_variants(
    session: Session, project_id: UUID, wanted: Mapping[UUID, Sequence[Variant]]
) -> Iterator[VariantsRequested]:
    """Yield the messages that have variants made, by image, unless it has one of that name."""
    if not wanted:
        return
    names = select(ImageVariant.image_id, ImageVariant.name)
    rows = session.execute(names.where(ImageVariant.image_id.in_(wanted)))
    has = {(row.image_id, row.name) for row in rows}
    groups: defaultdict[tuple[Variant, ...], list[UUID]] = defaultdict(list)
    for image_id, variants in wanted.items():
        lacking = tuple(one for one in variants if (image_id, one.name) not in has)
        if lacking:
            groups[lacking].append(image_id)
    for lacking, image_ids in groups.items():
        for start in range(0, len(image_ids), BATCH):
            yield VariantsRequested(
                project_id=project_id,
                image_ids=image_ids[start : start + BATCH],
                variants=[one.model_dump(mode="json") for one in lacking],
            )


def write_variants(session: Session, stored: Sequence[tuple[UUID, StoredVariant]]) -> set[str]:
    """Write the rows of variants, given with their image's id; return the objects replaced.

    A thumbnail becomes its image's processed version. Call it with the images locked, or new.
    """
    if not stored:
        return set()
    rows = {
        (image_id, one.variant.name): {
            "image_id": image_id,
            "name": one.variant.name,
            "spec": one.variant.spec,
            "object": one.object,
            "width": one.width,
            "height": one.height,
            "file_size": one.file_size,
        }
        for image_id, one in stored
    }
    before = session.execute(
        select(ImageVariant.image_id, ImageVariant.name, ImageVariant.object).where(
            ImageVariant.image_id.in_({image_id for image_id, _ in rows}),
            ImageVariant.name.in_({name for _, name in rows}),
        )
    ).all()
    statement = insert(ImageVariant)
    statement = statement.on_conflict_do_update(
        index_elements=["image_id", "name"],
        set_={name: statement.excluded[name] for name in _WRITTEN},
    )
    # RETURNING, because only then SQLAlchemy sends many rows at once with pg8000.
    session.execute(statement.returning(ImageVariant.id), list(rows.values()))
    session.execute(
        update(Image)
        .where(
            Image.id.in_([image_id for image_id, name in rows if name == THUMBNAIL.name]),
            ImageVariant.image_id == Image.id,
            ImageVariant.name == THUMBNAIL.name,
            Image.processed_path.is_distinct_from(ImageVariant.object),
        )
        .values(processed_path=ImageVariant.object)
        .execution_options(synchronize_session=False)
    )
    return {replaced for image_id, name, replaced in before if (image_id, name) in rows} - {
        row["object"] for row in rows.values()
    }
