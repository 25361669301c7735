"""Reads what an export holds: rows page by page, and their objects ahead of the writer."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine, Select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.exports.boxes import find_shown_part
from shared.exports.composing import Composing, StoredFile, find_file
from shared.exports.entries import QUALITY, ExportEntry, ExportImage, ExportSignal
from shared.exports.findings import read_findings
from shared.exports.frozen import describe_frozen
from shared.exports.rechecks import explain_withdrawal
from shared.exports.selection import get_position, select_frozen_images, select_images
from shared.exports.signals import read_rights
from shared.models import Image, ImageVariant, VerificationResult
from shared.schemas.exports import ExportFailure, ExportOptions
from shared.storage.ahead import read_ahead
from shared.storage.bucket import Storage
from shared.texts import clean_line

if TYPE_CHECKING:
    from shared.splitting.splits import SplitBook

_PAGE = 500  # rows read at a time
_MAX_DETAIL = 200  # characters


@dataclass(frozen=True)
class ImageRange:
    """The images of a project, of one of its crawl jobs, or of a version, between two positions.

    `splits` has the split of each where there are some, and `split` is the one whose images are
    meant, if only one is. What is in no split goes with the first.
    Those of a version are in its rows.
    `recheck_id` is the verification job that asked for their rights again.
    """

    project_id: UUID
    crawl_job_id: UUID | None
    version_id: UUID | None
    after: UUID | None
    until: UUID
    split: str | None = None
    splits: "SplitBook | None" = None
    recheck_id: UUID | None = None

    def holds(self, split: str | None, options: ExportOptions) -> bool:
        """Return whether images of a split, or of none, are meant."""
        first = min(options.splits or (), default=None)
        return self.split is None or self.split == (split or first)


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
    composing: Composing | None = None,
) -> Iterator[tuple[ExportImage, bytes | StoredFile | None]]:
    """Yield images with their bytes, some read ahead; None for an object that is not there.

    The bytes are the original's where the variant is not there; where `bytes_wanted` is false, only
    these are read. Of images that `composing` applies to it is only looked where they are.
    """
    if not bytes_wanted:
        for image in _read_images(engine, span, options):
            if image.is_deleted:
                yield image, None
            else:
                yield image, b"" if image.object else read_object(storage, image.original)
        return
    waiting: deque[ExportImage] = deque()

    def list_reads() -> Iterator[tuple[Callable[[], bytes | StoredFile], int]]:
        for image in _read_images(engine, span, options):
            waiting.append(image)
            if not image.is_deleted:
                yield partial(_read_content, storage, image, composing), image.entry.file_size

    def take_deleted() -> Iterator[tuple[ExportImage, None]]:
        while waiting and waiting[0].is_deleted:
            yield waiting.popleft(), None

    for content in read_ahead(list_reads()):
        yield from take_deleted()
        image = waiting.popleft()
        if isinstance(content, FileNotFoundError):
            yield image, None
        elif isinstance(content, Exception):
            raise content
        else:
            yield image, content
    yield from take_deleted()


def _read_content(
    storage: Storage, image: ExportImage, composing: Composing | None
) -> bytes | StoredFile:
    is_composed = composing is not None and composing.applies_to(image)
    file = find_file(storage, image) if is_composed else None
    return file or storage.read(image.object or image.original)


def read_object(storage: Storage, name: str) -> bytes | None:
    """Return an object's bytes, or None when it is not in the bucket."""
    try:
        return storage.read(name)
    except FileNotFoundError:
        return None


def _read_images(engine: Engine, span: ImageRange, options: ExportOptions) -> Iterator[ExportImage]:
    """Yield images in their order, page by page so that no transaction stays open."""
    after = span.after
    while True:
        with transaction(engine) as session:
            rows, last = _read_page(session, span, options, after)
        yield from rows
        if last is None:
            return
        after = last


def _read_page(
    session: Session, span: ImageRange, options: ExportOptions, after: UUID | None
) -> tuple[list[ExportImage], UUID | None]:
    """Return images, and the last position that was looked at, None where that is the end."""
    position = get_position(span.version_id)
    statement: Select[Any, Any, Any, Any] = (
        select_images(span.project_id, span.crawl_job_id, options, span.recheck_id)
        if span.version_id is None
        else select_frozen_images(span.version_id, options, span.recheck_id)
    )
    if after is not None:
        statement = statement.where(position > after)
    statement = statement.where(position <= span.until).order_by(position).limit(_PAGE)
    found = [(*row,) for row in session.execute(statement)]
    if span.version_id is not None:
        is_variant = options.variant is not None
        asked = [(row[1], row[3]) for row in found if span.recheck_id and row[1]]
        rights = read_rights(session, asked)
        images = [
            _add_recheck(
                describe_frozen(held, image, variant, is_variant=is_variant), image, result, rights
            )
            if span.recheck_id
            else describe_frozen(held, image, variant, is_variant=is_variant)
            for held, image, variant, result in found
            if span.holds(held.split, options)
        ]
        last = found[-1][0].image_id if len(found) == _PAGE else None
        return images, last
    last = found[-1][0].id if len(found) == _PAGE else None
    splits = _find_splits(span, [original.id for _, original, *_ in found])
    meant = [
        (row, split) for row, split in zip(found, splits, strict=True) if span.holds(split, options)
    ]
    sources = [_choose_source(entry, original) for (entry, original, *_), _ in meant]
    results = [row[3] for row, _ in meant]
    rights = read_rights(session, [*zip(sources, results, strict=True)])
    originals = [original.id for (_, original, *_), _ in meant]
    are_wanted = options.include_metadata or options.layout == "coco"  # which has their boxes
    findings = read_findings(session, originals if are_wanted else [])
    images = [_describe(*row, split, span, options, rights, findings) for row, split in meant]
    return images, last


def _find_splits(span: ImageRange, image_ids: Sequence[UUID]) -> Sequence[str | None]:
    return span.splits.find(image_ids) if span.splits else [None] * len(image_ids)


def _add_recheck(
    frozen: ExportImage,
    image: Image | None,
    result: VerificationResult | None,
    rights: Mapping[UUID, tuple[ExportSignal, ...]],
) -> ExportImage:
    """Add what was met when the rights of an image of a version were asked for again."""
    if image is None:
        return frozen
    again = tuple(signal for signal in rights.get(image.id, ()) if signal.rechecked)
    return replace(
        frozen,
        entry=replace(frozen.entry, rights=(*frozen.entry.rights, *again)),
        withdrawal=explain_withdrawal(image, result),
    )


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
    size = (original.width or 0, original.height or 0)
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
            shown_part=find_shown_part(variant.spec, *size) if variant else None,
        ),
        original=stored,
        object=name if variant or options.variant is None else None,
        crc32=original.crc32,
        extras=original.extras,
        withdrawal=explain_withdrawal(source, result) if span.recheck_id else None,
    )
