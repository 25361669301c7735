"""Reads what an export holds: rows page by page, and their objects ahead of the writer."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine

from shared.database.transactions import transaction
from shared.exports.entries import QUALITY, ExportEntry, ExportSignal
from shared.exports.findings import read_findings
from shared.exports.queries import select_images
from shared.exports.rechecks import explain_withdrawal
from shared.exports.signals import read_rights
from shared.models import Image, ImageVariant, VerificationResult
from shared.schemas.exports import ExportFailure, ExportOptions
from shared.storage.bucket import Storage
from shared.texts import clean_line

if TYPE_CHECKING:
    from shared.splitting.splits import SplitBook

_PAGE = 500  # rows read at a time
_MAX_DETAIL = 200  # characters


@dataclass(frozen=True)
class ImageRange:
    """The images of a project, or of one of its crawl jobs, between two entries' ids.

    `splits` has the split of each where there are some, and `split` is the one whose images are
    meant, if only one is. What is in no split goes with the first.
    `recheck_id` is the verification job that asked for their rights again.
    """

    project_id: UUID
    crawl_job_id: UUID | None
    after: UUID | None
    until: UUID
    split: str | None = None
    splits: "SplitBook | None" = None
    recheck_id: UUID | None = None

    def find_splits(self, image_ids: Sequence[UUID]) -> Sequence[str | None]:
        """Return the split of each image."""
        return self.splits.find(image_ids) if self.splits else [None] * len(image_ids)

    def holds(self, split: str | None) -> bool:
        """Return whether images of a split are meant."""
        if self.split is None or self.splits is None:
            return True
        return self.split == (split or self.splits.names[0])


@dataclass(frozen=True)
class ExportImage:
    """An image of an export: its position in the order, and the objects that hold it.

    `object` is what the export is to hold: the original's own, or a variant's; None while the image
    lacks the variant. Then the entry's sizes are those of the original. `withdrawal` is the reason
    and detail of one that may not be exported any more.
    """

    position: UUID
    entry: ExportEntry
    original: str
    object: str | None
    withdrawal: tuple[str, str] | None = None


def explain(image: ExportImage, reason: str, detail: str) -> ExportFailure:
    """Return why an image cannot be exported, as its owner reads it."""
    return ExportFailure(
        image_id=image.entry.id,
        url=image.entry.original_url,
        reason=reason,
        detail=clean_line(detail, _MAX_DETAIL),
    )


def read_contents(
    engine: Engine,
    storage: Storage,
    span: ImageRange,
    options: ExportOptions,
    *,
    bytes_wanted: bool,
) -> Iterator[tuple[ExportImage, bytes | None]]:
    """Yield images with their bytes, some read ahead; None for an object that is not there.

    The bytes are the original's where the variant is not there; where `bytes_wanted` is false, only
    these are read.
    """
    if not bytes_wanted:
        for image in _read_images(engine, span, options):
            yield image, b"" if image.object else read_object(storage, image.original)
        return
    waiting: deque[ExportImage] = deque()

    def objects() -> Iterator[tuple[str, int]]:
        for image in _read_images(engine, span, options):
            waiting.append(image)
            yield image.object or image.original, image.entry.file_size

    for content in storage.read_many(objects()):
        image = waiting.popleft()
        if isinstance(content, FileNotFoundError):
            yield image, None
        elif isinstance(content, Exception):
            raise content
        else:
            yield image, content


def read_object(storage: Storage, name: str) -> bytes | None:
    """Return an object's bytes, or None when it is not in the bucket."""
    try:
        return storage.read(name)
    except FileNotFoundError:
        return None


def _read_images(engine: Engine, span: ImageRange, options: ExportOptions) -> Iterator[ExportImage]:
    """Yield images in order of their entries, page by page so that no transaction stays open."""
    after = span.after
    while True:
        statement = (
            select_images(span.project_id, span.crawl_job_id, options, span.recheck_id)
            .where(Image.id <= span.until)
            .order_by(Image.id)
            .limit(_PAGE)
        )
        if after is not None:
            statement = statement.where(Image.id > after)
        with transaction(engine) as session:
            found = [(*row,) for row in session.execute(statement)]
            splits = span.find_splits([row[1].id for row in found])
            meant = [
                (row, split) for row, split in zip(found, splits, strict=True) if span.holds(split)
            ]
            rights = read_rights(session, [(_choose_source(*row[:2]), row[3]) for row, _ in meant])
            wanted = [row[1].id for row, _ in meant] if options.include_metadata else []
            findings = read_findings(session, wanted)
            rows = [_describe(*row, split, span, options, rights, findings) for row, split in meant]
        yield from rows
        if len(found) < _PAGE:
            return
        after = found[-1][0].id


def _choose_source(entry: Image, original: Image) -> Image:
    """Return the image that tells where the original's bytes come from."""
    return entry if entry.sha256 == original.sha256 else original


def _describe(
    entry: Image,
    original: Image,
    variant: ImageVariant | None,
    result: VerificationResult | None,
    split: str | None,
    span: ImageRange,
    options: ExportOptions,
    rights: Mapping[UUID, tuple[ExportSignal, ...]],
    findings: Mapping[UUID, dict[str, Any]],
) -> ExportImage:
    """Take label and caption from the entry, and the facts about a file from its source."""
    stored = original.file_path or ""
    shown = variant or original
    name = variant.object if variant else stored
    extension = name.rsplit(".", 1)[-1]
    sha256 = original.sha256 or ""
    source = _choose_source(entry, original)
    format_ = variant.spec.get("format") if variant else original.format
    return ExportImage(
        position=entry.id,
        entry=ExportEntry(
            id=original.id,
            sha256=sha256,
            extension=extension,
            format=format_ or extension,
            file_size=shown.file_size or 0,
            width=shown.width or 0,
            height=shown.height or 0,
            label=original.label if entry.label is None else entry.label,
            caption=original.caption if entry.caption is None else entry.caption,
            split=split,
            license=source.license,
            attribution=source.attribution,
            creator=source.creator,
            original_url=source.original_url,
            source_page=source.source_page,
            metadata=source.metadata_,
            file_name=source.file_name,
            phash=original.phash,
            shares_content=original.image_hash is None,
            is_duplicate=original.is_duplicate,
            created_at=entry.created_at,
            rights=rights.get(source.id, ()),
            quality={name: getattr(original, name) for name in QUALITY},
            analyses=findings.get(original.id),
        ),
        original=stored,
        object=name if variant or options.variant is None else None,
        withdrawal=explain_withdrawal(source, result) if span.recheck_id else None,
    )
