"""Reads the signals under which images were taken, and those that were met when asked again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.exports.entries import ExportSignal
from shared.models import Image, RightsRecord, VerificationResult


def read_rights(
    session: Session, images: Sequence[tuple[Image, VerificationResult | None]]
) -> dict[UUID, tuple[ExportSignal, ...]]:
    """Return the signals of each image, in one order whatever the database's is.

    Those of its crawl come first, then those of the verification that the result is of.
    """
    named = {
        image.id: [
            *(image.rights_signal_ids or ()),
            *((result.rights_signal_ids if result else None) or ()),
        ]
        for image, result in images
    }
    wanted = {one for ids in named.values() for one in ids}
    if not wanted:
        return {}
    rows = session.scalars(select(RightsRecord).where(RightsRecord.id.in_(wanted)))
    found = {row.id: row for row in rows}
    return {
        image.id: tuple(
            _describe(found[one])
            for one in named[image.id]
            if one in found and _is_about(found[one], image, result)
        )
        for image, result in images
    }


def _is_about(row: RightsRecord, image: Image, result: VerificationResult | None) -> bool:
    """Return whether a row is what the image's crawl met, or the verification of the result."""
    if row.verification_job_id is None:
        return row.crawl_job_id == image.crawl_job_id
    return result is not None and row.verification_job_id == result.verification_job_id


def _describe(row: RightsRecord) -> ExportSignal:
    return ExportSignal(
        source=row.source,
        value=row.value,
        allows=row.allows,
        decision=row.decision,
        address=row.address,
        evidence_hash=row.evidence_hash,
        fetched_at=row.created_at,
        rechecked=row.verification_job_id is not None,
    )
