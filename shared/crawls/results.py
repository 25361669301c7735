"""The results of a chunk: rows, counts and messages, in its worker's last transaction."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.crawls.chunks import add_chunks
from shared.crawls.download_results import DownloadResult, FailedEntry, StoredImage
from shared.crawls.image_sources import write_sources
from shared.crawls.known_images import explain_refusal
from shared.crawls.leases import LeasedChunk
from shared.crawls.outcomes import complete_chunk, insert_failures, split_unfinished
from shared.crawls.postponing import postpone
from shared.crawls.variants import (
    add_variant_chunks,
    wants_variant_chunks,
    write_thumbnails,
)
from shared.images.deduplication import Row, insert_images
from shared.images.rows import hash_content, make_credit_columns
from shared.images.succession import send_inheritances_of_changes
from shared.imaging import THUMBNAIL
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models.base import new_id
from shared.schemas.crawl_options import CrawlOptions
from shared.storage.writer import ObjectWriter


def settle_images(
    session: Session,
    outbox: Outbox,
    writer: ObjectWriter,
    bucket: str,
    chunk: LeasedChunk,
    result: DownloadResult,
) -> None:
    """Complete a chunk of images. What the time did not suffice for moves to a new chunk.

    What waits for its hosts does so too, or in its chunk when that is all of it. Call it with the
    chunk locked, and the job where `will_add_chunks` says so.
    """
    by_place = attrgetter("place")
    waiting = [(one.entry, one.failure) for one in sorted(result.waiting, key=by_place)]
    if waiting and not (result.stored or result.failed or result.unfinished):
        postpone(session, chunk, waiting, is_all=True)
        result.ledger.write(session)
        return
    failed, postponed = split_unfinished(result.stored, result.failed, result.unfinished)
    left = [one.entry for one in sorted(postponed, key=by_place)]
    options = chunk.options
    pairs = [
        (image, _to_row(chunk, image, bucket)) for image in sorted(result.stored, key=by_place)
    ]
    insertion = insert_images(
        session,
        [row for _, row in pairs],
        distance=options.max_distance if options.dedup == "perceptual" else None,
        plain=_list_plain(options, pairs),
    )
    send_inheritances_of_changes(session, outbox, chunk.project_id, insertion.changes)
    refused = [
        FailedEntry(image.place, image.entry, explain_refusal(insertion.refused[row["id"]]))
        for image, row in pairs
        if row["id"] in insertion.refused
    ]
    pairs = [(image, row) for image, row in pairs if row["id"] not in insertion.refused]
    images, rows = [image for image, _ in pairs], [row for _, row in pairs]
    writer.check(_list_new_objects(rows))
    write_thumbnails(session, rows, [image.thumbnail for image in images])
    if refused:
        unnamed = set(writer.made) - {name for row in rows for name in _list_objects(row)}
        outbox.add(ObjectsReleased(project_id=chunk.project_id, names=sorted(unnamed)))
    failed = [*failed, *refused]
    insert_failures(session, chunk, [(one.entry, one.failure) for one in failed])
    duplicates = sum(row["is_duplicate"] for row in rows)
    values: dict[str, Any] = {
        "downloaded": len(rows) - duplicates,
        "duplicate": duplicates,
        "failed": len(failed),
        "bytes": result.downloaded_bytes,
    }
    if left:
        add_chunks(session, outbox, chunk.crawl_job_id, left, len(left))
    if waiting:
        postpone(session, chunk, waiting, is_all=False)
    if left or waiting:
        outcomes: list[StoredImage | FailedEntry] = [*images, *failed]
        done = [one.entry.to_json() for one in sorted(outcomes, key=by_place)]
        values |= {"urls": done, "url_count": len(done)}
    complete_chunk(session, outbox, chunk, **values)
    if _wants_variants(options, images):
        add_variant_chunks(session, outbox, chunk, rows)
    write_sources(session, chunk.project_id, result.sources)
    result.ledger.write(session)


def will_add_chunks(chunk: LeasedChunk, result: DownloadResult) -> bool:
    """Return whether settling these images may add chunks to the job."""
    adds_more = bool(result.unfinished or result.waiting)
    return adds_more or _wants_variants(chunk.options, result.stored)


def _wants_variants(options: CrawlOptions, images: Sequence[StoredImage]) -> bool:
    """Return whether variants may be to be made; thumbnails are of what was not downloaded."""
    lacks_thumbnails = THUMBNAIL.name in options.variants and any(
        image.thumbnail is None for image in images
    )
    return lacks_thumbnails or wants_variant_chunks(options)


def _list_plain(options: CrawlOptions, pairs: Sequence[tuple[StoredImage, Row]]) -> frozenset[UUID]:
    """Return the images that are no duplicates, whatever they are copies of."""
    if options.dedup != "none":
        return frozenset()
    return frozenset(row["id"] for image, row in pairs if not image.is_repeated)


def _to_row(chunk: LeasedChunk, image: StoredImage, bucket: str) -> Row:
    entry = image.entry
    return {
        **image.columns,
        "id": new_id(),
        "project_id": chunk.project_id,
        "crawl_job_id": chunk.crawl_job_id,
        "crawl_chunk_id": chunk.id,
        "user_id": chunk.user_id,
        "image_hash": hash_content(chunk.user_id, image.columns["sha256"]),
        "original_url": entry.url,
        "source_page": entry.source_page,
        "label": entry.label,
        "caption": entry.caption,
        **make_credit_columns(image.rights, entry.license, entry.attribution),
        "rights_signal_ids": [*map(UUID, entry.rights_signals), *image.rights_signals],
        "metadata_": entry.metadata or {},
        "list_position": entry.position,
        "bucket": bucket,
        "status": "completed",
        "is_duplicate": False,
        "duplicate_of": None,
    }


def _list_new_objects(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the objects that no row named until now; the others have been there all the time."""
    for row in rows:
        if row["image_hash"] is not None:
            yield from _list_objects(row)


def _list_objects(row: Row) -> Iterator[str]:
    yield from filter(None, (row["file_path"], row["processed_path"]))
