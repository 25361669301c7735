"""Put a portion of a project's images into chunks of a verification job."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy.orm import Session

from shared.images.filters import filter_images
from shared.images.queries import extract_host
from shared.images.selection import select_dataset_images, source_id
from shared.messaging.messages import VerificationRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, Image, VerificationJob, VerificationResult, VersionImage
from shared.schemas.exports import ExportOptions
from shared.schemas.images import ImageFilter
from shared.verifications.addresses import address_key, find_repeated
from shared.verifications.chunks import assign_chunks, lock_live_verification
from shared.verifications.pages import make_page_key
from shared.verifications.settling import advance_verification, end_verification

PORTION = 5000  # images in one message; a second or two of SQL


def handle(requested: VerificationRequested, session: Session, outbox: Outbox) -> None:
    """Plan the next portion of a verification job.

    Only images that are stored and came from an address are asked for; uploads are counted.
    """
    project_id = session.scalar(
        select(VerificationJob.project_id).where(
            VerificationJob.id == requested.verification_job_id
        )
    )
    if project_id is None:
        return
    job = lock_live_verification(session, project_id, requested.verification_job_id)
    if job is None or job.planned_at is not None or job.position != requested.after:
        return  # ended, or a portion that was planned already
    export = session.get(ExportJob, job.export_job_id) if job.export_job_id else None
    if job.export_job_id and export is None:
        end_verification(session, outbox, job, "cancelled", "The export was deleted.")
        return
    if job.status == "pending":
        job.status, job.started_at = "running", func.now()
    conditions = _list_conditions(job, export)
    has_origin = Image.original_url.is_not(None) & Image.crawl_job_id.is_not(None)
    portion = session.execute(
        select(Image.id, has_origin).where(*conditions).order_by(Image.id).limit(PORTION)
    ).all()
    if portion:
        last = portion[-1].id
        _add_results(session, job, [*conditions, Image.id <= last, has_origin])
        _assign(session, outbox, job, last)
        job.without_origin += sum(not known for _, known in portion)
        job.position = last
    if len(portion) < PORTION:
        job.planned_at = func.now()
        session.flush()
        session.refresh(job)
        advance_verification(session, outbox, job)
    else:
        outbox.add(VerificationRequested(verification_job_id=job.id, after=job.position))


def _list_conditions(job: VerificationJob, export: ExportJob | None) -> list[ColumnElement[bool]]:
    conditions = [Image.project_id == job.project_id, Image.status == "completed"]
    if export is not None and export.version_id is not None:
        held = select(VersionImage.image_id).where(VersionImage.version_id == export.version_id)
        conditions.append(Image.id.in_(held))
    elif export is not None:
        options = ExportOptions.model_validate(export.export_options)
        sources = select_dataset_images(
            export.project_id,
            export.crawl_job_id,
            with_invalid=options.include_invalid,
            with_duplicates=options.include_duplicates,
        ).with_only_columns(source_id())
        conditions.append(Image.id.in_(sources.correlate(None)))
    if job.filter:
        conditions += filter_images(ImageFilter.model_validate(job.filter))
    if job.position is not None:
        conditions.append(Image.id > job.position)
    return conditions


def _add_results(
    session: Session, job: VerificationJob, conditions: Sequence[ColumnElement[bool]]
) -> None:
    """Write the rows of the portion's images that have an origin."""
    host = extract_host(Image.original_url)
    images = select(
        literal(job.id), Image.id, address_key(), make_page_key(), host, Image.created_at
    )
    columns = ["verification_job_id", "image_id", "address_key", "page_key", "host", "taken_at"]
    session.execute(
        insert(VerificationResult).from_select(
            columns, images.where(*conditions), include_defaults=False
        )
    )


def _assign(session: Session, outbox: Outbox, job: VerificationJob, last: UUID) -> None:
    """Put the portion's rows into chunks, one for each address."""
    rows = [VerificationResult.image_id <= last]
    if job.position is not None:
        rows.append(VerificationResult.image_id > job.position)
    find_repeated(session, VerificationResult.verification_job_id == job.id, *rows)
    assign_chunks(session, outbox, job.id, VerificationResult.asked_with.is_(None), *rows)
