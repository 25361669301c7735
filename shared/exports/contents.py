"""Gives each image of an export its content, and has pictures made: variants, and resized ones."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Engine, select

from shared.database.transactions import transaction
from shared.exports.composing import StoredFile, find_rule
from shared.exports.entries import ExportEntry, ExportImage
from shared.exports.leasing import LeasedPart
from shared.exports.losses import KILLED, list_given_up, note_making
from shared.exports.reading import explain, read_contents, read_object
from shared.models import Image
from shared.schemas.exports import ExportFailure
from shared.settings import Settings
from shared.storage.bucket import Storage

if TYPE_CHECKING:
    from shared.exports.making import Resizer, VariantMaker

_DELETED = "it was deleted after the version was frozen"
_NO_SPLIT = "it belongs to images of several splits, of which none may move"


@dataclass(frozen=True)
class Withdrawn:
    """An image that is left out because of its rights, which the export's table shows."""

    entry: ExportEntry
    failure: ExportFailure


# What an image is exported as, or why it cannot be.
Content = tuple[ExportEntry, bytes | StoredFile] | ExportFailure | Withdrawn


class Contents:
    """The contents of the images of a part: resized, or the variant, made of those that lack it.

    `span` says which images these are; their splits may be told later.
    """

    def __init__(
        self, engine: Engine, storage: Storage, settings: Settings, part: LeasedPart
    ) -> None:
        self._engine = engine
        self._storage = storage
        self._settings = settings
        self._part = part
        self.span = part.span
        self._variant = part.variant
        self._given_up = list_given_up(part.deaths)
        self._released: set[str] = set()
        self._maker: VariantMaker | Resizer | None = None

    @property
    def released(self) -> list[str]:
        """The objects that no row names because of what was made."""
        return sorted(self._released)

    def read(self, *, bytes_wanted: bool) -> Iterator[tuple[UUID, Content]]:
        """Yield each image's position and content.

        Those that are deleted meanwhile are not there, but for a version's, which are failures.
        The bytes are read where `bytes_wanted` says so and they are not composed, and where a
        variant is to be made.
        """
        options = self._part.plan.options
        least = self._settings.export_composed_bytes
        for image, content in read_contents(
            self._engine,
            self._storage,
            self.span,
            options,
            bytes_wanted=bytes_wanted,
            composing=find_rule(self._part.plan.format, options, least),
        ):
            with self.note(image.position):
                found = self._complete(image, content)
            if found is not None:
                yield image.position, found

    def note(self, position: UUID) -> AbstractContextManager[None]:
        """Keep in mind what is to blame if the worker dies, where one may have done so before."""
        if self._part.attempt == 1:
            return nullcontext()
        return note_making(self._engine, self._part.fence, position)

    def _complete(self, image: ExportImage, content: bytes | StoredFile | None) -> Content | None:
        if image.is_deleted:
            return explain(image, "deleted", _DELETED)
        if image.withdrawal is not None:
            return Withdrawn(image.entry, explain(image, *image.withdrawal))
        if image.position in self._given_up:
            return explain(image, KILLED, "its worker died each time that it took it up")
        if self._part.plan.options.splits and image.entry.split is None:
            return explain(image, "no_split", _NO_SPLIT)
        if isinstance(content, StoredFile):
            return image.entry, content
        if content is not None and image.object is not None:
            return self._prepare(image, content)
        if self._variant is not None and image.object is not None:  # a variant that got lost
            content = read_object(self._storage, image.original)
        if self._variant is not None and content is not None:
            return self._make(image, content) or self._explain_deletion(image)
        if self._is_there(image):
            return explain(image, "missing", "the image's file is not in the bucket")
        return self._explain_deletion(image)

    def _explain_deletion(self, image: ExportImage) -> ExportFailure | None:
        is_frozen = self._part.span.version_id is not None
        return explain(image, "deleted", _DELETED) if is_frozen else None

    def _prepare(self, image: ExportImage, content: bytes) -> Content | None:
        options = self._part.plan.options
        if options.resize is not None:
            return self._make(image, content)
        if options.keep_metadata or options.variant is not None or not content:
            return image.entry, content
        # Pillow takes long to load, and exports of tables do without.
        from shared.exports.refusals import leave_out_metadata
        from shared.imaging.limits import ImageRejected

        try:
            return leave_out_metadata(image.entry, content)
        except ImageRejected as error:
            return explain(image, error.reason, f"its metadata stays in it: {error.detail}")

    def _is_there(self, image: ExportImage) -> bool:
        statement = select(Image.id).where(Image.id == image.entry.id, Image.status == "completed")
        with transaction(self._engine) as session:
            return session.scalar(statement) is not None

    def _make(self, image: ExportImage, data: bytes) -> Content | None:
        self._maker = self._maker or self._start_maker()
        if self._part.plan.options.resize is not None:  # `read` notes it where a worker died
            return self._maker.make(image, data)
        with note_making(self._engine, self._part.fence, image.position):
            return self._maker.make(image, data)

    def _start_maker(self) -> "VariantMaker | Resizer":
        # Only these need Pillow, which takes longer to load than all else.
        from shared.exports.making import Resizer, VariantMaker

        limit = self._settings.max_image_bytes
        options = self._part.plan.options
        if options.resize is not None:
            return Resizer(options.resize, limit, keep_exif=options.keep_metadata)
        if self._variant is None:
            raise ValueError("an export without variant and resize makes no pictures")
        where = (self._engine, self._storage, self._part.span.project_id)
        return VariantMaker(*where, self._variant, limit, self._released)
