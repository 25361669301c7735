"""The memory of addresses: written by each crawl, and listed once from images of the time before.

Only the hash of an address is kept, so that the memory names nothing that an image does not.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.fetching.urls import BadUrl, hash_address, normalise
from shared.models import AddressRecord, CrawlJob, Image, SourceListing

Source = dict[str, Any]

_UPDATED = (
    "sha256",
    "phash",
    "width",
    "height",
    "response_address",
    "response_headers",
    "rights",
    "respect_robots",
)
LISTED = 5000  # images in one call


def find_address(url: str) -> str | None:
    """Return the normalised URL of an entry, or None where it cannot be fetched."""
    try:
        return normalise(url)
    except BadUrl:
        return None


def write_sources(session: Session, project_id: UUID, sources: Collection[Source]) -> None:
    """Write what addresses brought, over what they brought before; of several the last counts.

    Chunks that were at the same addresses wait here for each other, in the order of these.
    """
    if not sources:
        return
    statement = insert(AddressRecord)
    changes = {name: statement.excluded[name] for name in _UPDATED}
    statement = statement.on_conflict_do_update(
        index_elements=["project_id", "address"], set_={**changes, "checked_at": func.now()}
    )
    latest = {row["address"]: {"project_id": project_id, **row} for row in sources}
    rows = [latest[address] for address in sorted(latest)]
    # RETURNING, because only then SQLAlchemy sends many rows at once with pg8000.
    session.execute(statement.returning(AddressRecord.address), rows)


def list_older_sources(session: Session) -> bool:
    """List the addresses of up to 5,000 images from before their crawls did.

    Return whether there may be more.
    """
    listing = session.execute(
        select(SourceListing.project_id, SourceListing.position)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if listing is None:
        return False
    images = session.execute(
        select(
            Image.id,
            Image.original_url,
            Image.sha256,
            Image.phash,
            Image.width,
            Image.height,
            Image.status,
            CrawlJob.options,
        )
        .outerjoin(CrawlJob, CrawlJob.id == Image.crawl_job_id)
        .where(Image.project_id == listing.project_id, Image.id > listing.position)
        .order_by(Image.id)
        .limit(LISTED)
    ).all()
    rows = {}
    for image in images:
        url = find_address(image.original_url) if image.original_url else None
        picture = {name: getattr(image, name) for name in ("sha256", "phash", "width", "height")}
        if url and image.status == "completed" and None not in picture.values():
            address, given = hash_address(url), image.options or {}
            rows[address] = {
                "project_id": listing.project_id,
                "address": address,
                **picture,
                "rights": given.get("rights", "respect"),
                "respect_robots": given.get("respect_robots", True),
            }
    if rows:
        statement = insert(AddressRecord).on_conflict_do_nothing().returning(AddressRecord.address)
        session.execute(statement, [rows[address] for address in sorted(rows)])
    of_project = SourceListing.project_id == listing.project_id
    if len(images) < LISTED:
        session.execute(delete(SourceListing).where(of_project))
    else:
        session.execute(update(SourceListing).where(of_project).values(position=images[-1].id))
    return True
