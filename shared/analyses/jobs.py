"""Progress of analysis jobs, and their ends: completed, failed or cancelled."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from shared.messaging.messages import AnalysisJobCompleted, WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, ImageAnalysis
from shared.schemas.fields import Ending
from shared.states import LIVE, to_percent
from shared.webhooks.events import announce_end


def lock_live_job(session: Session, job_id: UUID | None) -> AnalysisJob | None:
    """Return a live job, locked until the transaction ends; None for one that has ended."""
    if job_id is None:
        return None
    return session.scalar(
        select(AnalysisJob)
        .where(AnalysisJob.id == job_id, AnalysisJob.status.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def advance_job(
    session: Session, outbox: Outbox, job: AnalysisJob, statuses: Iterable[str]
) -> None:
    """Add ended analyses to the counts of a locked job, and end the job after the last one."""
    ended = list(statuses)
    job.analyzed_images += ended.count("completed")
    job.failed_images += ended.count("failed")
    done = job.analyzed_images + job.failed_images + job.skipped_images
    job.progress = min(99, to_percent(done, job.total_images))
    live = exists().where(ImageAnalysis.analysis_job_id == job.id, ImageAnalysis.status.in_(LIVE))
    if job.planned_at is None or session.scalar(select(live)):
        return
    job.total_images = done  # some images may have gone meanwhile
    if job.failed_images and job.failed_images == done:
        _end(
            session,
            outbox,
            job,
            "failed",
            f"All analyses failed.{_find_commonest_reason(session, job)}",
        )
    else:
        _end(session, outbox, job, "completed", None)


def end_if_done(session: Session, outbox: Outbox, job_id: UUID) -> None:
    """End a job of which nothing is left to do: its last images may have been deleted."""
    if (job := lock_live_job(session, job_id)) is not None:
        advance_job(session, outbox, job, [])


def fail_job(session: Session, outbox: Outbox, job_id: UUID, reason: str) -> None:
    """End a job that cannot be planned; what was planned already is still analysed."""
    if (job := lock_live_job(session, job_id)) is not None:
        _end(session, outbox, job, "failed", reason)


def cancel_job(session: Session, outbox: Outbox, job: AnalysisJob) -> None:
    """End a live job that the caller has locked; only analyses that a worker has go on."""
    job.failed_images += end_idle_analyses(session, job.id)
    _end(session, outbox, job, "cancelled", None)
    session.flush()


def find_cancelled(session: Session, job_ids: Collection[UUID]) -> Sequence[UUID]:
    """Return the ids of those jobs that were cancelled."""
    return session.scalars(
        select(AnalysisJob.id).where(AnalysisJob.id.in_(job_ids), AnalysisJob.status == "cancelled")
    ).all()


def end_idle_analyses(session: Session, job_id: UUID) -> int:
    """End the analyses of a cancelled job that no worker is making; return how many failed.

    Analyses that were never tried are deleted. Those that wait for another try, and those whose
    worker died, become failed.
    """
    theirs = ImageAnalysis.analysis_job_id == job_id
    session.execute(
        delete(ImageAnalysis)
        .where(theirs, ImageAnalysis.status == "pending", ImageAnalysis.attempts == 0)
        .execution_options(synchronize_session=False)
    )
    waits = or_(
        ImageAnalysis.status == "pending",
        ImageAnalysis.error_code.is_not(None),
        ImageAnalysis.lease_expires_at < func.now(),
    )
    failed = session.scalars(
        update(ImageAnalysis)
        .where(theirs, ImageAnalysis.status.in_(LIVE), waits)
        .values(
            status="failed",
            error_code="cancelled",
            error=func.concat_ws(
                " ", "The analysis job was cancelled before another try.", ImageAnalysis.error
            ),
            lease_expires_at=None,
        )
        .returning(ImageAnalysis.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(failed)


def _end(
    session: Session, outbox: Outbox, job: AnalysisJob, status: Ending, error: str | None
) -> None:
    job.status = status
    job.error = error
    job.progress = 100 if status == "completed" else job.progress
    job.completed_at = func.now()
    outbox.add(AnalysisJobCompleted(analysis_job_id=job.id, status=status))
    announce_end(session, outbox, "analysis_job", job.id, status)
    if job.for_crawl:
        outbox.add(WorkSettled(crawl_job_id=job.crawl_job_id))


def _find_commonest_reason(session: Session, job: AnalysisJob) -> str:
    """Return how often analyses failed for the commonest reason, and the reason, behind a space.

    Empty where all failed analyses have been deleted with their images.
    """
    number = func.count()
    found = session.execute(
        select(ImageAnalysis.error, number)
        .where(ImageAnalysis.analysis_job_id == job.id, ImageAnalysis.status == "failed")
        .group_by(ImageAnalysis.error)
        .order_by(number.desc(), ImageAnalysis.error)
        .limit(1)
    ).first()
    return f" {found[1]} times: {found[0]}" if found else ""
