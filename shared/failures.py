"""How a final failure is written onto the row that a message is about.

Called when a handler says that its work cannot be done, and for messages that ended as dead
letters. Each row ends in a final state with a reason, and whoever waits for it is told.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.analyses.jobs import fail_job
from shared.analyses.work import fail
from shared.crawls.chunks import fail_chunk
from shared.crawls.settling import end_crawl_job
from shared.inference.errors import PredictionFailed
from shared.inference.records import settle_prediction
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysesWaiting,
    AnalysisJobRequested,
    BucketEvent,
    ChunkReady,
    CrawlRequested,
    ExportCompleted,
    ExportRequested,
    Message,
    ModelAnalysesRequested,
    ModelFinalized,
    ObjectsReleased,
    PredictionRequested,
    UploadFinalized,
    ValidationRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, Image, Model, ValidationJob
from shared.states import LIVE
from shared.storage.names import export_prefix, model_ids, upload_ids

_MAX_REASON = 2000


def record_failure(session: Session, message: Message, reason: str, outbox: Outbox) -> None:
    """Ends what a message is about as failed; a row that has ended already stays as it is."""
    write = _WRITERS.get(type(message))
    if write is not None:
        write(session, message, reason[:_MAX_REASON], outbox)


def _crawl_job(session: Session, message: CrawlRequested, reason: str, outbox: Outbox) -> None:
    """No plan, no crawl."""
    end_crawl_job(session, outbox, message.crawl_job_id, "failed", error=reason)


def _chunk(session: Session, message: ChunkReady, reason: str, outbox: Outbox) -> None:
    fail_chunk(session, message.chunk_id, reason, outbox)


def _validation(
    session: Session, message: ValidationRequested, reason: str, outbox: Outbox
) -> None:
    session.execute(
        update(ValidationJob)
        .where(ValidationJob.id == message.validation_job_id, ValidationJob.status.in_(LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
    )


def _analysis_job(
    session: Session, message: AnalysisJobRequested, reason: str, outbox: Outbox
) -> None:
    fail_job(session, outbox, message.analysis_job_id, reason)


def _analyses(session: Session, message: AnalysesWaiting, reason: str, outbox: Outbox) -> None:
    fail(session, outbox, message.analysis_ids, reason)


def _export(session: Session, message: ExportRequested, reason: str, outbox: Outbox) -> None:
    ended = session.execute(
        update(ExportJob)
        .where(ExportJob.id == message.export_job_id, ExportJob.status.in_(LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(ExportJob.id, ExportJob.project_id)
    ).first()
    if ended is not None:
        outbox.add(ExportCompleted(export_job_id=ended.id, status="failed"))
        prefix = export_prefix(ended.id)
        outbox.add(ObjectsReleased(project_id=ended.project_id, prefixes=[prefix]))


def _upload(session: Session, message: BucketEvent, reason: str, outbox: Outbox) -> None:
    """The file is of no use to anybody, so it goes."""
    if (ids := upload_ids(message.name)) is None:
        return
    project_id, image_id = ids
    session.execute(
        update(Image)
        .where(Image.id == image_id, Image.project_id == project_id, Image.status == "processing")
        .values(
            status="failed",
            is_valid=False,
            failure_reason=reason,
            generation=message.generation,
        )
    )
    outbox.add(ObjectsReleased(project_id=project_id, names=[message.name]))


def _model(session: Session, message: ModelFinalized, reason: str, outbox: Outbox) -> None:
    """The row says why; the file, which nobody will load, stays for its owner to look at."""
    if (ids := model_ids(message.name)) is None:
        return
    session.execute(
        update(Model)
        .where(Model.id == ids[1], Model.user_id == ids[0], Model.status == "pending")
        .values(status="rejected", error=reason, generation=message.generation)
    )


def _prediction(
    session: Session, message: PredictionRequested, reason: str, outbox: Outbox
) -> None:
    settle_prediction(session, message.prediction_id, PredictionFailed("unavailable", reason))


_WRITERS: dict[type[Message], Callable[[Session, Any, str, Outbox], None]] = {
    CrawlRequested: _crawl_job,
    ChunkReady: _chunk,
    ValidationRequested: _validation,
    AnalysisJobRequested: _analysis_job,
    AnalysesRequested: _analyses,
    ModelAnalysesRequested: _analyses,
    ExportRequested: _export,
    UploadFinalized: _upload,
    ModelFinalized: _model,
    PredictionRequested: _prediction,
}
