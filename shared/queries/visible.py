"""Visibility of rows, decided here and nowhere else; PostgreSQL's row security backs it.

Somebody else's row is reported as absent, so that ids cannot be probed.
"""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import NotFound
from shared.models import (
    ActivityLog,
    AnalysisJob,
    ApiKey,
    CrawlJob,
    CrawlSchedule,
    DatasetVersion,
    ExportJob,
    Image,
    ImageAnalysis,
    JobStats,
    Model,
    Prediction,
    Project,
    SignInCode,
    UserSession,
    ValidationJob,
    VerificationJob,
    Webhook,
    WebhookDelivery,
)
from shared.models.base import Base

Row = TypeVar("Row", bound=Base)


def visible_projects(caller: Caller) -> Select[Project]:
    """Return the caller's projects; what was deleted is gone before its rows are."""
    return select(Project).where(_owns(caller))


def visible_project(
    session: Session, caller: Caller, project_id: UUID, *, lock: bool = False
) -> Project:
    """Return one of the caller's projects. Raises `NotFound`."""
    return _get_one(
        session, visible_projects(caller).where(Project.id == project_id), "project", lock
    )


def visible_crawl_jobs(caller: Caller) -> Select[CrawlJob]:
    """Return crawl jobs of the caller's projects."""
    return select(CrawlJob).join(Project).where(_owns(caller), CrawlJob.deleted_at.is_(None))


def visible_crawl_job(
    session: Session, caller: Caller, crawl_job_id: UUID, *, lock: bool = False
) -> CrawlJob:
    """Return one of the caller's crawl jobs. Raises `NotFound`."""
    statement = visible_crawl_jobs(caller).where(CrawlJob.id == crawl_job_id)
    return _get_one(session, statement, "crawl job", lock, of=CrawlJob)


def visible_schedules(caller: Caller) -> Select[CrawlSchedule]:
    """Select schedules of the caller's projects."""
    return select(CrawlSchedule).join(Project).where(_owns(caller))


def visible_schedule(
    session: Session, caller: Caller, schedule_id: UUID, *, lock: bool = False
) -> CrawlSchedule:
    """Return one of the caller's schedules. Raises `NotFound`."""
    statement = visible_schedules(caller).where(CrawlSchedule.id == schedule_id)
    return _get_one(session, statement, "schedule", lock, of=CrawlSchedule)


def visible_images(caller: Caller) -> Select[Image]:
    """Return the caller's images."""
    return select(Image).where(Image.user_id == caller.id)


def visible_image(session: Session, caller: Caller, image_id: UUID, *, lock: bool = False) -> Image:
    """Return one of the caller's images. Raises `NotFound`."""
    statement = visible_images(caller).join(Project).where(Image.id == image_id, _owns(caller))
    return _get_one(session, statement, "image", lock, of=Image)


def visible_validation_jobs(caller: Caller) -> Select[ValidationJob]:
    """Select validation jobs of the caller's crawl jobs."""
    return (
        select(ValidationJob)
        .join(CrawlJob)
        .join(Project)
        .where(_owns(caller), CrawlJob.deleted_at.is_(None))
    )


def visible_validation_job(
    session: Session, caller: Caller, validation_job_id: UUID
) -> ValidationJob:
    """Return one of the caller's validation jobs. Raises `NotFound`."""
    statement = visible_validation_jobs(caller).where(ValidationJob.id == validation_job_id)
    return _get_one(session, statement, "validation job", False)


def visible_verification_jobs(caller: Caller) -> Select[VerificationJob]:
    """Select verification jobs of the caller's projects."""
    return (
        select(VerificationJob)
        .join(Project)
        .where(_owns(caller), VerificationJob.deleted_at.is_(None))
    )


def visible_verification_job(
    session: Session, caller: Caller, verification_job_id: UUID, *, lock: bool = False
) -> VerificationJob:
    """Return one of the caller's verification jobs. Raises `NotFound`."""
    statement = visible_verification_jobs(caller).where(VerificationJob.id == verification_job_id)
    return _get_one(session, statement, "verification job", lock, of=VerificationJob)


def visible_analyses(caller: Caller) -> Select[ImageAnalysis]:
    """Select analyses of the caller's images."""
    return select(ImageAnalysis).join(Image).where(Image.user_id == caller.id)


def visible_analysis_jobs(caller: Caller) -> Select[AnalysisJob]:
    """Select analysis jobs of the caller's crawl jobs."""
    return (
        select(AnalysisJob)
        .join(CrawlJob, CrawlJob.id == AnalysisJob.crawl_job_id)
        .join(Project, Project.id == CrawlJob.project_id)
        .where(_owns(caller), CrawlJob.deleted_at.is_(None))
    )


def visible_analysis_job(
    session: Session, caller: Caller, analysis_job_id: UUID, *, lock: bool = False
) -> AnalysisJob:
    """Return one of the caller's analysis jobs. Raises `NotFound`."""
    statement = visible_analysis_jobs(caller).where(AnalysisJob.id == analysis_job_id)
    return _get_one(session, statement, "analysis job", lock, of=AnalysisJob)


def visible_export_jobs(caller: Caller) -> Select[ExportJob]:
    """Return the caller's export jobs."""
    return select(ExportJob).where(ExportJob.user_id == caller.id)


def visible_export_job(
    session: Session, caller: Caller, export_job_id: UUID, *, lock: bool = False
) -> ExportJob:
    """Return one of the caller's export jobs. Raises `NotFound`."""
    statement = visible_export_jobs(caller).where(ExportJob.id == export_job_id)
    return _get_one(session, statement, "export job", lock)


def visible_versions(caller: Caller) -> Select[DatasetVersion]:
    """Return versions of the caller's projects."""
    return select(DatasetVersion).join(Project).where(_owns(caller))


def visible_version(
    session: Session, caller: Caller, version_id: UUID, *, lock: bool = False
) -> DatasetVersion:
    """Return one of the caller's versions. Raises `NotFound`."""
    statement = visible_versions(caller).where(DatasetVersion.id == version_id)
    return _get_one(session, statement, "version", lock, of=DatasetVersion)


def visible_models(caller: Caller) -> Select[Model]:
    """Return the caller's models."""
    return select(Model).where(Model.user_id == caller.id)


def visible_model(session: Session, caller: Caller, model_id: UUID, *, lock: bool = False) -> Model:
    """Return one of the caller's models. Raises `NotFound`."""
    return _get_one(session, visible_models(caller).where(Model.id == model_id), "model", lock)


def visible_predictions(caller: Caller) -> Select[Prediction]:
    """Select the caller's predictions."""
    return select(Prediction).where(Prediction.user_id == caller.id)


def visible_prediction(session: Session, caller: Caller, prediction_id: UUID) -> Prediction:
    """Return one of the caller's predictions. Raises `NotFound`."""
    statement = visible_predictions(caller).where(Prediction.id == prediction_id)
    return _get_one(session, statement, "prediction", False)


def visible_activity(caller: Caller) -> Select[ActivityLog]:
    """Select the caller's activity."""
    return select(ActivityLog).where(ActivityLog.user_id == caller.id)


def visible_job_stats(caller: Caller) -> Select[JobStats]:
    """Select attempts at the caller's work, those on images that are gone included."""
    return select(JobStats).where(JobStats.user_id == caller.id)


def visible_api_keys(caller: Caller) -> Select[ApiKey]:
    """Return the caller's API keys."""
    return select(ApiKey).where(ApiKey.user_id == caller.id)


def visible_sessions(caller: Caller) -> Select[UserSession]:
    """Select the newest pair of tokens of each of the caller's sessions that have not ended."""
    return select(UserSession).where(
        UserSession.user_id == caller.id,
        UserSession.used_at.is_(None),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > func.now(),
    )


def visible_sign_in_codes(caller: Caller) -> Select[SignInCode]:
    """Select the caller's sign-in codes."""
    return select(SignInCode).where(SignInCode.user_id == caller.id)


def visible_webhooks(caller: Caller) -> Select[Webhook]:
    """Select the caller's webhooks."""
    return select(Webhook).where(Webhook.user_id == caller.id)


def visible_webhook(
    session: Session, caller: Caller, webhook_id: UUID, *, lock: bool = False
) -> Webhook:
    """Return one of the caller's webhooks. Raises `NotFound`."""
    statement = visible_webhooks(caller).where(Webhook.id == webhook_id)
    return _get_one(session, statement, "webhook", lock)


def visible_webhook_deliveries(caller: Caller) -> Select[WebhookDelivery]:
    """Select deliveries to the caller's webhooks."""
    return select(WebhookDelivery).join(Webhook).where(Webhook.user_id == caller.id)


def visible_webhook_delivery(
    session: Session, caller: Caller, delivery_id: UUID, *, lock: bool = False
) -> WebhookDelivery:
    """Return one of the deliveries to the caller's webhooks. Raises `NotFound`."""
    statement = visible_webhook_deliveries(caller).where(WebhookDelivery.id == delivery_id)
    return _get_one(session, statement, "delivery", lock, of=WebhookDelivery)


def _owns(caller: Caller) -> ColumnElement[bool]:
    return and_(Project.user_id == caller.id, Project.deleted_at.is_(None))


def _get_one(
    session: Session,
    statement: Select[Row],
    name: str,
    lock: bool,
    *,
    of: Any = None,
) -> Row:
    if lock:
        # What was read before the row could be had may be old by now.
        statement = statement.with_for_update(of=of).execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFound(f"There is no such {name}.")
    return row
