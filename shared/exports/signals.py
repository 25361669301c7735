"""Reads the signals under which images were taken."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.exports.entries import ExportSignal
from shared.models import Image, RightsRecord


def read_rights(session: Session, images: Sequence[Image]) -> dict[UUID, tuple[ExportSignal, ...]]:
    """Return the signals of each image, in one order whatever the database's is."""
    wanted = {one for image in images for one in image.rights_signal_ids or ()}
    if not wanted:
        return {}
    rows = session.scalars(select(RightsRecord).where(RightsRecord.id.in_(wanted)))
    found = {row.id: row for row in rows}
    return {
        image.id: tuple(
            _describe(found[one])
            for one in image.rights_signal_ids or ()
            if one in found and found[one].crawl_job_id == image.crawl_job_id
        )
        for image in images
    }


def _describe(row: RightsRecord) -> ExportSignal:
    return ExportSignal(
        source=row.source,
        value=row.value,
        allows=row.allows,
        decision=row.decision,
        address=row.address,
        evidence_hash=row.evidence_hash,
        fetched_at=row.created_at,
    )
