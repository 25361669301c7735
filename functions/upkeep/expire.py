"""Remove what is past its retention."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from shared.messages import ExpiryDue, ObjectsReleased
from shared.models import (
    ActivityLog,
    Delivery,
    ExportJob,
    IdempotencyKey,
    Image,
    JobStats,
    OutboxMessage,
    UserSession,
)
from shared.models.base import Base
from shared.outbox import Outbox
from shared.settings import Settings
from shared.storage_names import export_prefix, upload_object

_BATCH = 5000  # rows of one table in one run; an hour later the next run goes on


def handle(due: ExpiryDue, session: Session, outbox: Outbox, settings: Settings) -> None:
    """Delete expired rows and files."""
    _expire_exports(session, outbox)
    _expire_unfinished_images(session, outbox, settings)
    now = func.now()
    for table, condition in (
        (
            OutboxMessage,
            OutboxMessage.sent_at < now - timedelta(days=settings.retention_days_outbox),
        ),
        (
            Delivery,
            Delivery.created_at < now - timedelta(days=settings.retention_days_deliveries),
        ),
        (IdempotencyKey, IdempotencyKey.expires_at < now),
        (UserSession, UserSession.expires_at < now),
        (JobStats, JobStats.created_at < now - timedelta(days=settings.retention_days_job_stats)),
        (
            ActivityLog,
            ActivityLog.timestamp < now - timedelta(days=settings.retention_days_activity),
        ),
    ):
        _delete(session, table, condition)


def _delete(session: Session, table: type[Base], condition: ColumnElement[bool]) -> None:
    """Deletes one batch, so that no run holds locks for long."""
    keys = table.__mapper__.primary_key
    batch = select(*keys).where(condition).limit(_BATCH).subquery()
    session.execute(
        delete(table)
        .where(and_(*(key == batch.c[key.name] for key in keys)))
        .execution_options(synchronize_session=False)
    )


def _expire_exports(session: Session, outbox: Outbox) -> None:
    """Deletes the files of old exports; their jobs stay and say that they have expired."""
    for export in session.scalars(
        select(ExportJob)
        .where(ExportJob.expires_at < func.now(), ExportJob.object.is_not(None))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ):
        export.object = None
        outbox.add(
            ObjectsReleased(project_id=export.project_id, prefixes=[export_prefix(export.id)])
        )


def _expire_unfinished_images(session: Session, outbox: Outbox, settings: Settings) -> None:
    """Forgets uploads that never came or never became an image."""
    old = func.now() - timedelta(days=settings.retention_days_failed_images)
    never_came = and_(
        Image.status == "processing",
        Image.crawl_job_id.is_(None),
        Image.created_at < func.now() - timedelta(seconds=2 * settings.upload_life),
        Image.file_path.is_(None),
    )
    failed = and_(Image.status == "failed", Image.created_at < old)
    for condition in (never_came, failed):
        gone = session.execute(
            delete(Image)
            .where(Image.id.in_(select(Image.id).where(condition).limit(_BATCH)))
            .returning(Image.id, Image.project_id)
        ).all()
        for image_id, project_id in gone:
            outbox.add(
                ObjectsReleased(project_id=project_id, names=[upload_object(project_id, image_id)])
            )
