"""Asks each address once in a verification job, however many of its images are from there.

Crawls that are repeated bring images of the same address and the same bytes. Of those that were
taken under the same terms one is asked for, and its outcome is that of the others in the end.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Image, VerificationResult
from shared.verifications.chunks import OUTCOME, assign_chunks

_TERMS = ("rights", "respect_robots")


def address_key() -> ColumnElement[UUID]:
    """Return SQL for a key that images of the same address and bytes share, and few others."""
    about = func.concat(Image.original_url, " ", Image.sha256)
    return cast(func.md5(about), Uuid)


def find_repeated(session: Session, *which: ColumnElement[bool]) -> None:
    """Note of those results which other image of their job is asked for instead, if one is.

    It is the first one with the same address, bytes, page and terms.
    """
    result, first = VerificationResult, aliased(VerificationResult)
    image, other = aliased(Image), aliased(Image)
    crawl, other_crawl = aliased(CrawlJob), aliased(CrawlJob)
    pairs = (
        select(result.verification_job_id, result.image_id, first.image_id.label("first_id"))
        .join(image, image.id == result.image_id)
        .join(crawl, crawl.id == image.crawl_job_id)
        .join(
            first,
            and_(
                first.verification_job_id == result.verification_job_id,
                first.address_key == result.address_key,
                first.asked_with.is_(None),
                first.image_id < result.image_id,
            ),
        )
        .join(other, other.id == first.image_id)
        .join(other_crawl, other_crawl.id == other.crawl_job_id)
        .where(
            *which,
            image.original_url == other.original_url,
            image.sha256 == other.sha256,
            image.source_page.is_not_distinct_from(other.source_page),
            *(
                crawl.options[name].astext.is_not_distinct_from(other_crawl.options[name].astext)
                for name in _TERMS
            ),
        )
        .ext(distinct_on(result.image_id))
        .order_by(result.image_id, first.image_id)
        .subquery("pairs")
    )
    session.execute(
        update(result)
        .where(
            result.verification_job_id == pairs.c.verification_job_id,
            result.image_id == pairs.c.image_id,
        )
        .values(asked_with=pairs.c.first_id)
        .execution_options(synchronize_session=False)
    )


def ask_for_orphans(session: Session, outbox: Outbox, verification_job_id: UUID) -> bool:
    """Ask for images whose place was taken by one that is deleted by now; return if there are any.

    Call it with the job's row locked.
    """
    result, first = VerificationResult, aliased(VerificationResult)
    is_there = exists().where(
        first.verification_job_id == verification_job_id, first.image_id == result.asked_with
    )
    of_job = result.verification_job_id == verification_job_id
    orphans = session.scalars(
        update(result)
        .where(of_job, result.outcome.is_(None), result.asked_with.is_not(None), ~is_there)
        .values(asked_with=None)
        .returning(result.image_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not orphans:
        return False
    find_repeated(session, of_job, result.image_id.in_(orphans))
    alone = (result.image_id.in_(orphans), result.asked_with.is_(None))
    return assign_chunks(session, outbox, verification_job_id, *alone) > 0


def spread_outcomes(session: Session, verification_job_id: UUID) -> None:
    """Give images the outcome of the one that was asked for instead."""
    result, first = VerificationResult, aliased(VerificationResult)
    session.execute(
        update(result)
        .where(
            result.verification_job_id == verification_job_id,
            first.verification_job_id == verification_job_id,
            first.image_id == result.asked_with,
            first.outcome.is_not(None),
        )
        .values({name: getattr(first, name) for name in OUTCOME})
        .execution_options(synchronize_session=False)
    )
