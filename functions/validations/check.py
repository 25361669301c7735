"""Judge a portion of a crawl job's images by stored measures, in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, literal, select, update
from sqlalchemy.orm import Session

from shared.crawls.settling import count_valid_images
from shared.images.similarity import select_similar
from shared.messaging.messages import ValidationRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Image, ValidationJob, ValidationResult
from shared.schemas.validations import Rules
from shared.states import TERMINAL, to_percent
from shared.validations.rules import build_violations_expression
from shared.validations.settling import end_validation

PORTION = 50_000  # images in one message; some seconds of SQL
_PORTION_OF_PAIRS = 2_000  # where a large distance means comparing every pair


def handle(requested: ValidationRequested, session: Session, outbox: Outbox) -> None:
    """Validate the next portion of images."""
    job = _lock_job(session, requested.validation_job_id)
    if job is None or job.status in TERMINAL or job.position != requested.after:
        return  # deleted, done, or a portion that was judged already
    if job.status == "pending":
        job.status = "running"
        job.started_at = func.now()
        originals = _select_images(job).where(~Image.is_duplicate).subquery()
        job.total_images = session.scalar(select(func.count()).select_from(originals)) or 0
    rules = Rules.model_validate(job.validation_rules)
    last = _find_last_of_portion(session, job, rules)
    if last is None:
        job.total_images = job.validated_images  # some may have come or gone meanwhile
        session.flush()
        end_validation(session, outbox, ValidationJob.id == job.id, "completed")
        count_valid_images(session, job.crawl_job_id)
        return
    for is_duplicate, judged, invalid in _judge(session, job, rules, last):
        if is_duplicate:
            job.duplicate_images += judged
            job.invalid_duplicates += invalid
        else:
            job.validated_images += judged
            job.invalid_images += invalid
    job.position = last
    job.progress = min(99, to_percent(job.validated_images, job.total_images))
    outbox.add(ValidationRequested(validation_job_id=job.id, after=last))


def _lock_job(session: Session, validation_job_id: UUID) -> ValidationJob | None:
    """Lock the job behind its crawl job, in the order in which a deletion takes the two."""
    of_job = select(ValidationJob.crawl_job_id).where(ValidationJob.id == validation_job_id)
    session.execute(
        select(CrawlJob.id)
        .where(CrawlJob.id == of_job.scalar_subquery())
        .with_for_update(key_share=True)
    )
    return session.scalar(
        select(ValidationJob).where(ValidationJob.id == validation_job_id).with_for_update()
    )


def _select_images(job: ValidationJob) -> Select[UUID]:
    """Select the images to judge: all that were stored, duplicates too."""
    return select(Image.id).where(
        Image.crawl_job_id == job.crawl_job_id, Image.status == "completed"
    )


def _find_last_of_portion(session: Session, job: ValidationJob, rules: Rules) -> UUID | None:
    many_pairs = (rules.near_duplicate_distance or 0) > 8
    statement = (
        _select_images(job).order_by(Image.id).limit(_PORTION_OF_PAIRS if many_pairs else PORTION)
    )
    if job.position is not None:
        statement = statement.where(Image.id > job.position)
    portion = statement.subquery()
    return session.scalar(select(portion.c.id).order_by(portion.c.id.desc()).limit(1))


def _judge(
    session: Session, job: ValidationJob, rules: Rules, last: UUID
) -> Sequence[Row[bool, int, int]]:
    """Write a result for each image of the portion; return how many, and how many invalid.

    Both are counted apart for originals (False) and duplicates (True).
    """
    images: Any = Image.__table__
    source: Any = images
    near = None
    if rules.near_duplicate_distance is not None:
        near = select_similar(
            job.crawl_job_id, rules.near_duplicate_distance, after=job.position, until=last
        ).subquery("near")
        source = images.outerjoin(near, near.c.image_id == images.c.id)
    found = build_violations_expression(
        rules, images, near.c.distance if near is not None else None
    )
    judged = (
        select(images.c.id.label("image_id"), found.label("violations"))
        .select_from(source)
        .where(
            images.c.crawl_job_id == job.crawl_job_id,
            images.c.status == "completed",
            images.c.id <= last,
        )
    )
    if job.position is not None:
        judged = judged.where(images.c.id > job.position)
    verdicts = judged.subquery("verdicts")
    written = (
        insert(ValidationResult)
        .from_select(
            ["validation_job_id", "image_id", "is_valid", "violations"],
            select(
                literal(job.id),
                verdicts.c.image_id,
                func.jsonb_array_length(verdicts.c.violations) == 0,
                verdicts.c.violations,
            ),
            include_defaults=False,
        )
        .returning(ValidationResult.image_id, ValidationResult.is_valid)
        .cte("written")
    )
    changed = (
        update(images)
        .where(images.c.id == written.c.image_id, images.c.is_valid != written.c.is_valid)
        .values(is_valid=written.c.is_valid)
        .returning(images.c.id)
        .cte("changed")
    )
    return session.execute(
        select(images.c.is_duplicate, func.count(), func.count().filter(~written.c.is_valid))
        .select_from(written.join(images, images.c.id == written.c.image_id))
        .group_by(images.c.is_duplicate)
        .add_cte(changed)
    ).all()
