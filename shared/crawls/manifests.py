"""Manifests as sources of crawl jobs: their rows become entries of chunks, part by part."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from shared.crawls.chunks import MANIFEST, add_chunks
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.crawls.manifest_files import check_manifest_address
from shared.crawls.outcomes import complete_chunk
from shared.manifests.limits import ManifestError
from shared.manifests.reading import ManifestReader
from shared.manifests.rows import BadRow, ManifestRow, Position
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.texts import clean_line

_RECODED = "Lines that are not UTF-8 were read as Windows-1252."
_NOT_COMPARED = "Without the option phash_distance its rows' phash is not compared with pictures."
_NOTHING_TO_COMPARE = "phash_distance compares nothing: of the first {} rows none has a phash."
_EMPTY_COLUMN = "Of the first {} rows none says anything in the column {}."
ROWS = 20_000  # of a chunk, after which others start on them
_BYTES = 16 * 1024 * 1024  # of their texts
_BUDGET = 240  # seconds; then the next message goes on
_MAX_SHOWN = 40  # characters of a column's name
_PATIENCE = 420  # seconds, to come to the first row


@dataclass(frozen=True)
class Progress:
    """The progress of reading a manifest: the place, the rows taken, the object's generation.

    `text` are the bytes that rows of Parquet came to.
    """

    offset: int = 0
    line: int = 1
    text: int = 0
    rows: int = 0
    generation: int | None = None


@dataclass
class ManifestPart:
    """The entries that one call has read; the next goes on at `following`, None at the end.

    `notes` are sentences about what is passed over or read otherwise.
    """

    entries: list[CrawlEntry] = field(default_factory=list)
    following: Progress | None = None
    notes: list[str] = field(default_factory=list)


def read_part(
    chunk: LeasedChunk, storage: Storage, settings: Settings, check: Callable[[], None]
) -> ManifestPart:
    """Read the rows that a chunk is for, or the first of them, from where it begins.

    `check` is called before each request and may raise. Raise `ManifestError` or `Invalid` when the
    manifest cannot be read.
    """
    begin = Progress(**chunk.entries[0].progress or {})
    started = time.monotonic()

    def check_all() -> None:
        check()
        if time.monotonic() - started > _PATIENCE:
            raise ManifestError("too_slow", "it takes too long to come to the next row")

    part = ManifestPart()
    reader, begin = _open(chunk, storage, settings, begin, check_all)
    size = 0
    for position, row in reader.read(Position(begin.offset, begin.line, begin.text)):
        place = begin.rows + len(part.entries)
        part.entries.append(_make_entry(row, place))
        size += _measure(row)
        here = replace(begin, **asdict(position), rows=place + 1)
        if here.rows >= chunk.options.max_images:
            break
        late = time.monotonic() - started > _BUDGET
        if len(part.entries) >= ROWS or size > _BYTES or late:
            part.following = here
            break
    if begin.rows == 0 and not part.entries:
        raise ManifestError("empty", "there is no row in it")
    if begin.rows == 0:
        part.notes += _note_columns(chunk, part.entries)
    if reader.recoded:
        part.notes.append(_RECODED)
    return part


def _note_columns(chunk: LeasedChunk, entries: Sequence[CrawlEntry]) -> Iterator[str]:
    """Yield what is asked for and not in the first rows, and what is there and not asked for."""
    rows = [entry for entry in entries if entry.reason is None]
    if not rows:
        return
    has_hash = any(entry.phash for entry in rows)
    if has_hash and chunk.options.phash_distance is None:
        yield _NOT_COMPARED
    elif not has_hash and chunk.options.phash_distance is not None:
        yield _NOTHING_TO_COMPARE.format(len(rows))
    for name, column in (chunk.source.get("columns") or {}).items():
        if column is not None and not any(getattr(entry, name) for entry in rows):
            yield _EMPTY_COLUMN.format(len(rows), clean_line(column, _MAX_SHOWN))


def _open(
    chunk: LeasedChunk,
    storage: Storage,
    settings: Settings,
    begin: Progress,
    check: Callable[[], None],
) -> tuple[ManifestReader, Progress]:
    source = chunk.source
    bucket, name = check_manifest_address(source["uri"], chunk.project_id, settings)
    of_bucket = storage.open_other(bucket) if bucket != settings.bucket else storage
    try:
        found = of_bucket.find(name)
    except PermissionError:
        raise ManifestError("forbidden", "its bucket does not let this system read") from None
    if found is None:
        raise ManifestError("missing", "there is no such object")
    if begin.generation not in (None, found.generation):
        raise ManifestError("changed", "it was replaced while it was read")
    file = of_bucket.open_read(name, found, check)
    columns = source.get("columns") or {}
    reader = ManifestReader(file, found.size, source.get("file_name") or name, columns)
    return reader, replace(begin, generation=found.generation)


def _make_entry(row: ManifestRow | BadRow, place: int) -> CrawlEntry:
    if isinstance(row, BadRow):
        return CrawlEntry(row.url, reason=row.reason, detail=row.detail, position=place)
    known: dict[str, Any] = {name: getattr(row, name) for name in _KNOWN}
    return CrawlEntry(row.url, **known, position=place)


_KNOWN = ("label", "caption", "license", "attribution", "metadata", "sha256", "phash")


def _measure(row: ManifestRow | BadRow) -> int:
    """Return about how many bytes of memory a row's texts take."""
    if isinstance(row, BadRow):
        return len(row.url)
    return len(row.url) + len(row.caption or "") + (len(str(row.metadata)) if row.metadata else 0)


def settle_manifest(
    session: Session, outbox: Outbox, chunk: LeasedChunk, part: ManifestPart
) -> None:
    """Complete a chunk of a manifest: its rows become chunks, what is left a further one.

    Call it with the job and the chunk locked.
    """
    add_chunks(session, outbox, chunk.crawl_job_id, part.entries, chunk.options.chunk_size)
    if part.following is not None:
        (first,) = chunk.entries
        left = [replace(first, progress=asdict(part.following))]
        add_chunks(session, outbox, chunk.crawl_job_id, left, 1, kind=MANIFEST)
    note = {"error": " ".join(part.notes)} if part.notes else {}
    complete_chunk(session, outbox, chunk, **note)
