"""The variants that a crawl job asks for: made while fetching, or by chunks of stored images."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.chunks import VARIANT_CHUNK_SIZE, VARIANTS, add_chunks
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.images.variants import StoredVariant, write_variants
from shared.imaging.variants import THUMBNAIL, Variant
from shared.messaging.outbox import Outbox
from shared.models import Image, ImageVariant
from shared.schemas.crawl_options import CrawlOptions


def list_variants(options: CrawlOptions) -> list[Variant]:
    """Return the variants that each image of a job is to have, the thumbnail among them."""
    return [THUMBNAIL if one == THUMBNAIL.name else one for one in options.variants]  # type: ignore[misc]


def wants_variant_chunks(options: CrawlOptions) -> bool:
    """Return whether chunks of a job may be followed by chunks of variants.

    Its thumbnails are made while it fetches, for exact duplicates too; a near duplicate's original
    may lack one.
    """
    return options.dedup == "perceptual" or any(
        isinstance(one, Variant) for one in options.variants
    )


def find_lacking(
    session: Session, image_ids: Collection[UUID], variants: Sequence[Variant]
) -> dict[UUID, list[Variant]]:
    """Return which of these variants each of the images does not have as specified, if any."""
    made = {
        (image_id, name): spec
        for image_id, name, spec in session.execute(
            select(ImageVariant.image_id, ImageVariant.name, ImageVariant.spec).where(
                ImageVariant.image_id.in_(image_ids),
                ImageVariant.name.in_([one.name for one in variants]),
            )
        )
    }
    lacking = {
        image_id: [one for one in variants if made.get((image_id, one.name)) != one.spec]
        for image_id in image_ids
    }
    return {image_id: wanted for image_id, wanted in lacking.items() if wanted}


def write_thumbnails(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    thumbnails: Sequence[StoredVariant | None],
) -> None:
    """Write the thumbnails of image rows, and of originals of the same content that have none."""
    made = list(zip(rows, thumbnails, strict=True))
    stored = [(row["id"], one) for row, one in made if one]
    copies = {row["duplicate_of"]: (row["sha256"], one) for row, one in made if one}
    originals = session.execute(
        select(Image.id, Image.sha256)
        .where(Image.id.in_(copies.keys() - {None, *(row["id"] for row in rows)}))
        .where(Image.processed_path.is_(None))
        .order_by(Image.id)
        .with_for_update(key_share=True)
    )
    stored += [(row.id, copies[row.id][1]) for row in originals if row.sha256 == copies[row.id][0]]
    write_variants(session, stored)


def add_variant_chunks(
    session: Session, outbox: Outbox, chunk: LeasedChunk, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add chunks for those variants that a fetched chunk's images do not have yet.

    A duplicate's original gets what it lacks, whichever job brought it. Call it with the job's row
    locked.
    """
    ids = {row["duplicate_of"] if row["is_duplicate"] else row["id"] for row in rows}
    lacking = find_lacking(session, ids, list_variants(chunk.options))
    images = session.execute(
        select(Image.id, Image.original_url).where(Image.id.in_(lacking)).order_by(Image.id)
    )
    entries = [CrawlEntry(row.original_url or "", image_id=str(row.id)) for row in images]
    add_chunks(session, outbox, chunk.crawl_job_id, entries, VARIANT_CHUNK_SIZE, kind=VARIANTS)
