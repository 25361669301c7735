"""Variants made from stored originals, one decode for each image."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.images.variants import StoredVariant, request_variants, store_variant
from shared.imaging import ImageRejected, Limits, Rendered, Variant, render
from shared.messaging.messages import VariantsRequested
from shared.models import Image
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
class VariantFailure:
    """The reason why an image's variants could not be made."""

    reason: str
    detail: str
    retryable: bool = False
    http_status: int | None = None


def find_originals(
    session: Session, project_id: UUID, image_ids: Collection[UUID]
) -> list[StoredOriginal]:
    """Return those of the images that the project still has and that are stored."""
    rows = session.execute(
        select(Image.id, Image.sha256, Image.file_path)
        .where(
            Image.id.in_(image_ids),
            Image.project_id == project_id,
            Image.status == "completed",
            Image.file_path.is_not(None),
        )
        .order_by(Image.id)
    ).all()
    return [StoredOriginal(row.id, row.sha256 or "", row.file_path or "") for row in rows]


def derive(
    original: StoredOriginal,
    variants: list[Variant],
    project_id: UUID,
    storage: Storage,
    writer: ObjectWriter,
    limits: Limits,
) -> list[StoredVariant] | VariantFailure:
    """Make and put an image's variants; return them, or why it cannot be done."""
    try:
        data = storage.read(original.name)
    except FileNotFoundError:
        return VariantFailure("missing", "the image's file is not in the bucket")
    rendered = try_render(data, variants, limits)
    if isinstance(rendered, VariantFailure):
        return rendered
    return [store_variant(writer, project_id, original.sha256, one) for one in rendered]


def try_render(
    data: bytes, variants: list[Variant], limits: Limits
) -> list[Rendered] | VariantFailure:
    """Return an image's variants as files, or why they cannot be made."""
    try:
        return render(data, variants, limits)
    except ImageRejected as error:
        return VariantFailure(error.reason, error.detail)


def follow_duplicates(
    session: Session, project_id: UUID, image_ids: Collection[UUID], variants: Sequence[Variant]
) -> Iterator[VariantsRequested]:
    """Yield requests for originals of images that became duplicates since they were asked for.

    In a dataset the original stands for them, and gets the variants that it lacks. Call it with the
    images locked.
    """
    found = session.scalars(
        select(Image.duplicate_of).where(Image.id.in_(image_ids), Image.duplicate_of.is_not(None))
    )
    originals = set(filter(None, found)) - set(image_ids)
    yield from request_variants(session, project_id, dict.fromkeys(originals, variants))


def lock_images(session: Session, project_id: UUID, image_ids: Collection[UUID]) -> set[UUID]:
    """Lock the images that are left, so that variants of one image are written in turn."""
    if not lock_project(session, project_id):
        return set()
    statement = (
        select(Image.id)
        .where(Image.id.in_(image_ids))
        .order_by(Image.id)
        .with_for_update(key_share=True)
    )
    return set(session.scalars(statement))
