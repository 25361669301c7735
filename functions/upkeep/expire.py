"""Remove what is past its retention."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Engine, and_, delete, func, select
from sqlalchemy.orm import Session

from shared.crawls.awaited_manifests import settle_awaited_manifests
from shared.crawls.image_sources import list_older_sources
from shared.database.transactions import transaction
from shared.messaging.messages import ExpiryDue, ObjectsReleased, RemovalRequested, UploadFinalized
from shared.messaging.outbox import Outbox
from shared.models import (
    ActivityLog,
    CallCount,
    CrawlJob,
    DeadLetter,
    Delivery,
    ExportJob,
    GuessCount,
    IdempotencyKey,
    Image,
    JobStats,
    KnownPlace,
    OutboxMessage,
    Profile,
    Project,
    SignInCode,
    UserSession,
    VerificationJob,
    WebhookDelivery,
    WebHost,
)
from shared.models.base import Base
from shared.settings import Settings
from shared.states import TERMINAL
from shared.storage.bucket import Storage
from shared.storage.names import name_export_folder, name_upload
from shared.verifications.removal import hide_verifications

log = logging.getLogger(__name__)

BATCH = 5000  # rows of one transaction, so that none holds locks for long
_REMOVALS = 1000  # gone on with in one run
_BUDGET = 240  # seconds; an hour later the next run goes on
_UPLOADS = 500  # looked for in the bucket in one run


def handle(
    due: ExpiryDue,
    engine: Engine,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> None:
    """Delete expired rows and files."""
    deadline = time.monotonic() + _BUDGET
    for table, expired in _select_expired(settings):
        while time.monotonic() < deadline:
            with transaction(engine) as batch:
                if _delete(batch, table, expired) < BATCH:
                    break
    _list_sources(engine, deadline)
    _settle_uploads(session, outbox, storage, settings)
    settle_awaited_manifests(session, outbox, storage, settings)
    _release_exports(session, outbox)
    hide_verifications(
        session,
        outbox,
        VerificationJob.status.in_(TERMINAL),
        VerificationJob.created_at
        < func.now() - timedelta(days=settings.retention_days_verifications),
        limit=_REMOVALS,
    )
    _resume_removals(session, outbox)


def _select_expired(settings: Settings) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """Return the conditions under which rows of each table are past their retention."""
    now = func.now()

    def before(days: int) -> ColumnElement[datetime]:
        return now - timedelta(days=days)

    return [
        (OutboxMessage, OutboxMessage.sent_at < before(settings.retention_days_outbox)),
        (Delivery, Delivery.created_at < before(settings.retention_days_deliveries)),
        (IdempotencyKey, IdempotencyKey.expires_at < now),
        (UserSession, UserSession.expires_at < now),
        (SignInCode, SignInCode.expires_at < now),
        (GuessCount, GuessCount.counted_at < before(2)),  # by then every try is forgiven
        (KnownPlace, KnownPlace.seen_at < before(settings.retention_days_known_places)),
        (JobStats, JobStats.created_at < before(settings.retention_days_job_stats)),
        (ActivityLog, ActivityLog.timestamp < before(settings.retention_days_activity)),
        (CallCount, CallCount.minute < now - timedelta(minutes=5)),
        (WebHost, WebHost.used_at < before(settings.retention_days_hosts)),
        (
            WebhookDelivery,
            WebhookDelivery.created_at < before(settings.retention_days_webhook_deliveries),
        ),
        (DeadLetter, DeadLetter.created_at < before(settings.retention_days_dead_letters)),
        (
            ExportJob,
            and_(
                ExportJob.status.in_(TERMINAL),
                ExportJob.object.is_(None),
                ExportJob.created_at < before(settings.retention_days_exports),
            ),
        ),
        (
            Image,
            and_(
                Image.status == "failed",
                Image.created_at < before(settings.retention_days_failed_images),
            ),
        ),
    ]


def _delete(session: Session, table: type[Base], expired: ColumnElement[bool]) -> int:
    """Delete one batch; return how many rows."""
    keys = table.__mapper__.primary_key
    batch = select(*keys).where(expired).limit(BATCH).subquery()
    statement = (
        delete(table)
        .where(and_(*(key == batch.c[key.name] for key in keys)))
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _list_sources(engine: Engine, deadline: float) -> None:
    """List the addresses of images that are older than the memory of addresses."""
    while time.monotonic() < deadline:
        with transaction(engine) as batch:
            if not list_older_sources(batch):
                break


def _settle_uploads(session: Session, outbox: Outbox, storage: Storage, settings: Settings) -> None:
    """Fail uploads that never came; send the event again of one that did."""
    stale = session.scalars(
        select(Image)
        .where(
            Image.status == "processing",
            Image.crawl_job_id.is_(None),
            Image.created_at < func.now() - timedelta(seconds=2 * settings.upload_life),
        )
        .order_by(Image.created_at)
        .limit(_UPLOADS)
        .with_for_update(skip_locked=True)
    ).all()
    names = [name_upload(image.project_id, image.id) for image in stale]
    for image, name, file in zip(stale, names, storage.find_many(names), strict=True):
        if isinstance(file, Exception):
            log.warning("the bucket did not answer", exc_info=file)  # the next run asks again
        elif file is None:
            image.status, image.is_valid = "failed", False
            image.failure_reason = "missing: the file was never sent"
        else:
            outbox.add(
                UploadFinalized(
                    bucket=settings.bucket,
                    name=name,
                    generation=file.generation,
                    size=file.size,
                    contentType=file.content_type,
                )
            )


def _release_exports(session: Session, outbox: Outbox) -> None:
    """Delete the files of old exports; their jobs stay and say that they have expired."""
    for export in session.scalars(
        select(ExportJob)
        .where(ExportJob.expires_at < func.now(), ExportJob.object.is_not(None))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ):
        export.object = None
        outbox.add(
            ObjectsReleased(project_id=export.project_id, prefixes=[name_export_folder(export.id)])
        )


def _resume_removals(session: Session, outbox: Outbox) -> None:
    """Go on with removals that have lasted too long, whatever became of them."""
    limit = func.now() - timedelta(hours=1)
    for project_id in session.scalars(
        select(Project.id).where(Project.deleted_at < limit).limit(_REMOVALS)
    ):
        outbox.add(RemovalRequested(project_id=project_id))
    for user_id in session.scalars(
        select(Profile.id).where(Profile.deleted_at < limit).limit(_REMOVALS)
    ):
        outbox.add(RemovalRequested(user_id=user_id))
    for verification_id in session.scalars(
        select(VerificationJob.id).where(VerificationJob.deleted_at < limit).limit(_REMOVALS)
    ):
        outbox.add(RemovalRequested(verification_job_id=verification_id))
    for job in session.execute(
        select(CrawlJob.id, CrawlJob.project_id).where(CrawlJob.deleted_at < limit).limit(_REMOVALS)
    ):
        outbox.add(RemovalRequested(project_id=job.project_id, crawl_job_id=job.id))
