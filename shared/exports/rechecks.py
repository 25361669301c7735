"""Rights that are asked for again before an export is built: `recheck_rights`.

A verification job does it (`shared.verifications`), of the images that the export would hold. What
it found is read from its results.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, Image, VerificationJob, VerificationResult
from shared.schemas.exports import ExportOptions, RightsRecheck
from shared.schemas.verifications import VerificationJobCreate
from shared.states import LIVE
from shared.verifications.start import add_verification

# The reason of images that were not asked for: something changed between question and answer.
NOT_ASKED = "not_asked"


def find_rechecks(session: Session, export_ids: Sequence[UUID]) -> Mapping[UUID, RightsRecheck]:
    """Return how the rechecks of exports stand, for those that have one."""
    jobs = session.scalars(
        select(VerificationJob).where(
            VerificationJob.export_job_id.in_(list(export_ids)),
            VerificationJob.deleted_at.is_(None),
        )
    )
    return {
        job.export_job_id: RightsRecheck.of(job, verification_job_id=job.id)
        for job in jobs
        if job.export_job_id is not None
    }


def find_recheck_id(session: Session, export_job_id: UUID) -> UUID | None:
    """Return the verification job that asks for the rights of an export's images again."""
    return session.scalar(
        select(VerificationJob.id).where(VerificationJob.export_job_id == export_job_id)
    )


def has_rechecked(session: Session, outbox: Outbox, job: ExportJob) -> bool:
    """Ask for the rights of an export's images again, once; return whether that has ended.

    The job's row is locked. Raises `Conflict` where it ended without having asked all: an export
    that was to hold what is permitted today is not built on less.
    """
    options = ExportOptions.model_validate(job.export_options)
    if not options.recheck_rights:
        return True
    recheck = session.scalar(select(VerificationJob).where(VerificationJob.export_job_id == job.id))
    if recheck is None:
        wanted = VerificationJobCreate(name=f"Rights for {job.name}"[:200], respect_robots=True)
        add_verification(session, outbox, job.project_id, wanted, export_job_id=job.id)
        return False
    if recheck.status in LIVE:
        return False
    if recheck.status != "completed":
        reason = recheck.error or "its verification job was cancelled"
        raise Conflict(f"The rights could not be asked for again: {reason}")
    return True


def explain_withdrawal(source: Image, result: VerificationResult | None) -> tuple[str, str] | None:
    """Return why an image is left out, as reason and detail; None for one that stays.

    Silence is no withdrawal: what could not be reached stays, under the terms of its crawl.
    """
    if result is None:
        if source.original_url is None or source.crawl_job_id is None:
            return None  # an upload, of which nobody can be asked
        return NOT_ASKED, "its origin changed while rights were asked for; export once more"
    if result.outcome == "opted_out":
        return result.reason or "opted_out", result.detail or "its origin refuses it by now"
    return None


def describe_recheck(recheck: RightsRecheck | None) -> list[str]:
    """Return warnings of images that are in an export although nobody confirmed their terms."""
    counts = (
        (
            (recheck.unreachable, "whose origin could not be reached"),
            (recheck.gone, "whose origin has nothing there any more"),
            (recheck.without_origin, "that were uploaded"),
        )
        if recheck
        else ()
    )
    return [
        f"Rights could not be asked for again of {count} images {why}: those are in it on the "
        "terms on which they were taken."
        for count, why in counts
        if count
    ]
