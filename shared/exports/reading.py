"""Reads what an export holds: rows page by page, and their objects ahead of the writer."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine

from shared.database.transactions import transaction
from shared.exports.entries import ExportEntry
from shared.exports.queries import select_images
from shared.exports.splits import find_split
from shared.models import Image, ImageVariant
from shared.schemas.exports import ExportOptions
from shared.storage.bucket import Storage

_PAGE = 500  # rows read at a time


@dataclass(frozen=True)
class ImageRange:
    """The images of a project, or of one of its crawl jobs, between two ids."""

    project_id: UUID
    crawl_job_id: UUID | None
    after: UUID | None
    until: UUID | None


def read_contents(
    engine: Engine,
    storage: Storage,
    span: ImageRange,
    options: ExportOptions,
    *,
    bytes_wanted: bool,
) -> Iterator[tuple[ExportEntry, bytes | None]]:
    """Entries with their bytes, some read ahead; None for an object that has been deleted."""
    if not bytes_wanted:
        yield from ((entry, b"") for entry, _ in _entries(engine, span, options))
        return
    waiting: deque[ExportEntry] = deque()

    def objects() -> Iterator[tuple[str, int]]:
        for entry, name in _entries(engine, span, options):
            waiting.append(entry)
            yield name, entry.file_size

    for content in storage.read_many(objects()):
        entry = waiting.popleft()
        if isinstance(content, FileNotFoundError):
            yield entry, None
        elif isinstance(content, Exception):
            raise content
        else:
            yield entry, content


def _entries(
    engine: Engine, span: ImageRange, options: ExportOptions
) -> Iterator[tuple[ExportEntry, str]]:
    """The images in order of their ids, read page by page so that no transaction stays open."""
    after = span.after
    if span.until is None:
        return
    while True:
        statement = (
            select_images(span.project_id, span.crawl_job_id, options)
            .where(Image.id <= span.until)
            .order_by(Image.id)
            .limit(_PAGE)
        )
        if after is not None:
            statement = statement.where(Image.id > after)
        with transaction(engine) as session:
            rows = [
                _entry(image, variant, options) for image, variant in session.execute(statement)
            ]
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0].id


def _entry(
    image: Image, variant: ImageVariant | None, options: ExportOptions
) -> tuple[ExportEntry, str]:
    name = variant.object if variant else image.file_path or ""
    extension = name.rsplit(".", 1)[-1]
    sha256 = image.sha256 or ""
    return (
        ExportEntry(
            id=image.id,
            sha256=sha256,
            extension=extension,
            format=variant.spec.get("format", extension) if variant else image.format or extension,
            file_size=(variant.file_size if variant else image.file_size) or 0,
            width=(variant.width if variant else image.width) or 0,
            height=(variant.height if variant else image.height) or 0,
            label=image.label,
            caption=image.caption,
            split=find_split(sha256, options.splits) if options.splits else None,
            license=image.license,
            attribution=image.attribution,
            original_url=image.original_url,
            source_page=image.source_page,
            file_name=image.file_name,
            phash=image.phash,
            duplicate=image.image_hash is None,
            created_at=image.created_at,
        ),
        name,
    )
