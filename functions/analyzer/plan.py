"""Give a portion of a crawl job's images their pending analyses, and send them to be made."""

from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from shared.analyses.analyzers import Analyzer, find_analyzer
from shared.analyses.jobs import end_if_done
from shared.analyses.requests import write_requests
from shared.analyses.work import send_requests
from shared.images.selection import original, select_dataset_images
from shared.messaging.messages import AnalysisJobRequested
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, CrawlJob, Image, Project, VersionImage
from shared.settings import Settings
from shared.states import TERMINAL

PORTION = 5000  # images in one message


def handle(
    requested: AnalysisJobRequested, session: Session, settings: Settings, outbox: Outbox
) -> None:
    """Plan the next portion of an analysis job."""
    job = session.scalar(
        select(AnalysisJob).where(AnalysisJob.id == requested.analysis_job_id).with_for_update()
    )
    if job is None or job.status in TERMINAL or job.position != requested.after or job.planned_at:
        return  # deleted, done, or a portion that was planned already
    analyzer = _find_analyzer(session, settings, job)
    images = _select_images(session, job)
    if job.status == "pending":
        job.status = "running"
        job.started_at = func.now()
        job.model_version = analyzer.version
        job.total_images = session.scalar(select(func.count()).select_from(images.subquery())) or 0
    last = _find_last_of_portion(session, job)
    if last is None:
        job.planned_at = func.now()
        session.flush()
        end_if_done(session, outbox, job.id)
        return
    portion = images.where(Image.id <= last).order_by(Image.id)
    if job.position is not None:
        portion = portion.where(Image.id > job.position)
    originals = session.scalars(portion).all()
    written = write_requests(
        session,
        analyzer,
        originals,
        force=job.force,
        analysis_job_id=job.id,
        version_id=job.version_id,
    )
    job.skipped_images += len(originals) - len(written)
    job.position = last
    send_requests(outbox, job.analyzer, written, job.id)
    outbox.add(AnalysisJobRequested(analysis_job_id=job.id, after=job.position))


def _find_analyzer(session: Session, settings: Settings, job: AnalysisJob) -> Analyzer:
    """Return the analyzer in the version that the job began with. Raises `Conflict`."""
    owner = select(Project.user_id).join(CrawlJob).where(CrawlJob.id == job.crawl_job_id)
    now = find_analyzer(session, settings, job.analyzer, session.scalars(owner).one())
    return Analyzer(now.name, job.model_version or now.version, now.model_id)


def _select_images(session: Session, job: AnalysisJob) -> Select[UUID]:
    """Select the images to analyse: valid originals of what the crawl brought, by its entries.

    Of a version only those that it holds.
    """
    project_id = select(CrawlJob.project_id).where(CrawlJob.id == job.crawl_job_id)
    images = select_dataset_images(session.scalars(project_id).one(), job.crawl_job_id)
    if job.version_id is not None:
        held = exists().where(
            VersionImage.version_id == job.version_id, VersionImage.image_id == original().id
        )
        images = images.where(held)
    return images.with_only_columns(original().id)


def _find_last_of_portion(session: Session, job: AnalysisJob) -> UUID | None:
    """Return where the next portion of what the crawl brought ends; None after the last one."""
    portion = select(Image.id).where(Image.crawl_job_id == job.crawl_job_id)
    if job.position is not None:
        portion = portion.where(Image.id > job.position)
    ids = portion.order_by(Image.id).limit(PORTION).subquery()
    return session.scalar(select(ids.c.id).order_by(ids.c.id.desc()).limit(1))
