"""Makes pictures of an export: variants that images lack, and those of the one size asked for.

Variants are made and stored as those that somebody asks for; resized ones are in the export alone.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.exports.boxes import find_shown_part
from shared.exports.entries import ExportEntry, ExportImage
from shared.exports.reading import explain
from shared.images.derivation import VariantFailure, lock_images, try_render
from shared.images.variants import StoredVariant, store_variant, write_variants
from shared.imaging import Limits, Rendered, Variant
from shared.imaging.limits import ImageRejected
from shared.imaging.resize_options import Resize
from shared.imaging.resizing import resize_image
from shared.models import ImageVariant
from shared.schemas.exports import ExportFailure
from shared.storage.bucket import Storage
from shared.storage.writer import ObjectWriter


class VariantMaker:
    """Makes a variant of one image after the other, stored and with its row.

    Adds to `released` the objects that no row names in the end.
    """

    def __init__(
        self,
        engine: Engine,
        storage: Storage,
        project_id: UUID,
        variant: Variant,
        max_bytes: int,
        released: set[str],
    ) -> None:
        self._engine = engine
        self._storage = storage
        self._project_id = project_id
        self._variant = variant
        self._limits = Limits(max_bytes=max_bytes)
        self._released = released

    def make(
        self, image: ExportImage, data: bytes
    ) -> tuple[ExportEntry, bytes] | ExportFailure | None:
        """Return the entry with its variant, made of the original's bytes, or why there is none.

        None for an image that was deleted meanwhile.
        """
        made = try_render(data, [self._variant], self._limits)
        if isinstance(made, VariantFailure):
            return explain(image, made.reason, made.detail)
        (rendered,) = made
        writer = ObjectWriter(self._storage)
        stored = store_variant(writer, self._project_id, image.entry.sha256, rendered)
        with transaction(self._engine) as session:
            is_there = lock_images(session, self._project_id, [image.entry.id])
            is_named = is_there and self._write(session, writer, image, stored)
        self._released |= set(writer.made) - ({stored.object} if is_named else set())
        return (_describe(image.entry, rendered), rendered.data) if is_there else None

    def _write(
        self, session: Session, writer: ObjectWriter, image: ExportImage, stored: StoredVariant
    ) -> bool:
        """Write the row, unless somebody else has meanwhile; return whether it names the object."""
        of_image = (
            ImageVariant.image_id == image.entry.id,
            ImageVariant.name == self._variant.name,
        )
        named = session.scalar(select(ImageVariant.object).where(*of_image))
        if named not in (None, image.object):
            return named == stored.object
        writer.check([stored.object])
        self._released |= write_variants(session, [(image.entry.id, stored)])
        return True


def _describe(entry: ExportEntry, rendered: Rendered) -> ExportEntry:
    return replace(
        entry,
        extension=rendered.extension,
        format=rendered.variant.format,
        file_size=len(rendered.data),
        width=rendered.width,
        height=rendered.height,
        shown_part=find_shown_part(rendered.variant.spec, entry.width, entry.height),
    )


class Resizer:
    """Resizes one image after the other; nothing of them is stored but in the export."""

    def __init__(self, resize: Resize, max_bytes: int, *, keep_exif: bool) -> None:
        self._resize = resize
        self._limits = Limits(max_bytes=max_bytes)
        self._keep_exif = keep_exif

    def make(self, image: ExportImage, data: bytes) -> tuple[ExportEntry, bytes] | ExportFailure:
        """Return the entry as resized, made of the original's bytes, or why it cannot be."""
        try:
            resized = resize_image(data, self._resize, self._limits, keep_exif=self._keep_exif)
        except ImageRejected as error:
            return explain(image, error.reason, error.detail)
        entry = replace(
            image.entry,
            extension=resized.extension,
            format=self._resize.format,
            file_size=len(resized.data),
            width=resized.width,
            height=resized.height,
            box=resized.box,
            shown_part=resized.shown_part,
        )
        return entry, resized.data
