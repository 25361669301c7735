"""The pages that showed images: which image each is asked with, and what it said given to all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, case, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from shared.models import CrawlJob, Image, VerificationResult

if TYPE_CHECKING:
    from shared.verifications.page_checking import CheckedPage


def make_page_key() -> ColumnElement[UUID | None]:
    """Return SQL for a key of the page that a crawl read and found an image on; else NULL."""
    read = Image.crawl_job_id.in_(
        select(CrawlJob.id).where(CrawlJob.source["type"].astext == "pages").correlate(None)
    )
    about = func.concat(Image.crawl_job_id, " ", Image.source_page)
    return case((and_(read, Image.source_page.is_not(None)), cast(func.md5(about), Uuid)))


def write_pages(
    session: Session, verification_job_id: UUID, pages: Sequence["CheckedPage"]
) -> None:
    """Write what pages said to the images that they were asked with, which may be deleted."""
    for page in pages:
        session.execute(
            update(VerificationResult)
            .where(
                VerificationResult.verification_job_id == verification_job_id,
                VerificationResult.image_id == page.image_id,
            )
            .values(page_refusal=page.refusal, page_signal_ids=page.rights_signals)
            .execution_options(synchronize_session=False)
        )


def spread_pages(session: Session, verification_job_id: UUID) -> None:
    """Let all images of a page have what it said; they have opted out where it refuses.

    A second call finds nothing left to do.
    """
    result, first = VerificationResult, aliased(VerificationResult)
    held = func.coalesce(result.rights_signal_ids, literal([], ARRAY(Uuid)))
    refused = and_(first.page_refusal.is_not(None), result.outcome != "opted_out")
    session.execute(
        update(result)
        .where(
            result.verification_job_id == verification_job_id,
            first.verification_job_id == verification_job_id,
            first.page_key == result.page_key,
            first.page_signal_ids.is_not(None),
            or_(~held.bool_op("@>")(first.page_signal_ids), refused),
        )
        .values(
            outcome=case((refused, "opted_out"), else_=result.outcome),
            reason=case((refused, "opted_out"), else_=result.reason),
            detail=case((refused, first.page_refusal), else_=result.detail),
            rights_signal_ids=held.op("||")(first.page_signal_ids),
        )
        .execution_options(synchronize_session=False)
    )
