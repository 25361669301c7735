"""The rows that messages are about: whose they are, and how each ends as failed.

A failure is written when a handler says that its work cannot be done, and for messages that ended
as dead letters. Each row ends in a final state with a reason, and whoever waits for it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, func, null, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.analyses.jobs import fail_job
from shared.analyses.work import fail_analyses
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
    VariantChunkReady,
    VariantsRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import (
    AnalysisJob,
    CrawlJob,
    ExportJob,
    Image,
    ImageAnalysis,
    Model,
    Prediction,
    Project,
    ValidationJob,
)
from shared.states import LIVE
from shared.storage.names import name_export_folder, parse_model, parse_upload
from shared.validations.settling import end_validation

_MAX_REASON = 2000

Owner = Select[*tuple[Any, ...]]  # one row: user_id, crawl_job_id, image_id


@dataclass(frozen=True)
class Subject:
    """The subject of a class of messages."""

    select_owner: Callable[[Any], Owner]
    fail: Callable[[Session, Any, str, Outbox], object] | None = None


def record_failure(session: Session, message: Message, reason: str, outbox: Outbox) -> None:
    """End what a message is about as failed; a row that has ended already stays as it is."""
    subject = SUBJECTS.get(type(message))
    if subject is not None and subject.fail is not None:
        subject.fail(session, message, reason[:_MAX_REASON], outbox)


def find_owner(session: Session, message: Message) -> Any | None:
    """Return a row of `user_id`, `crawl_job_id` and `image_id`; None where the subject is gone."""
    subject = SUBJECTS.get(type(message))
    return session.execute(subject.select_owner(message)).first() if subject else None


def _of_image(image_id: UUID | None) -> Owner:
    return select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id")).where(
        Image.id == image_id
    )


def _of_row(table: type[Model | Prediction], identity: UUID | None) -> Owner:
    return select(table.user_id, _null_id("crawl_job_id"), _null_id("image_id")).where(
        table.id == identity
    )


def _of_crawl(crawl_job_id: UUID) -> Owner:
    return (
        select(Project.user_id, CrawlJob.id.label("crawl_job_id"), _null_id("image_id"))
        .join(Project, Project.id == CrawlJob.project_id)
        .where(CrawlJob.id == crawl_job_id)
    )


def _of_job(crawl_job_id: InstrumentedAttribute[UUID], identity: Any) -> Owner:
    """Select the owner of a job on a crawl, by the job's column that names the crawl."""
    return (
        select(Project.user_id, crawl_job_id, _null_id("image_id"))
        .join(CrawlJob, CrawlJob.id == crawl_job_id)
        .join(Project, Project.id == CrawlJob.project_id)
        .where(crawl_job_id.class_.id == identity)
    )


def _null_id(name: str) -> Any:
    return type_coerce(null(), Uuid).label(name)


def _of_export(message: ExportRequested) -> Owner:
    return select(ExportJob.user_id, ExportJob.crawl_job_id, _null_id("image_id")).where(
        ExportJob.id == message.export_job_id
    )


def _of_analyses(message: AnalysesWaiting) -> Owner:
    return (
        select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id"))
        .join(ImageAnalysis, ImageAnalysis.image_id == Image.id)
        .where(ImageAnalysis.id == message.analysis_ids[0])
    )


def _of_upload(message: BucketEvent) -> Owner:
    ids = parse_upload(message.name)
    return _of_image(ids[1] if ids else None)


def _of_model(message: BucketEvent) -> Owner:
    ids = parse_model(message.name)
    return _of_row(Model, ids[1] if ids else None)


def _fail_crawl_job(session: Session, message: CrawlRequested, reason: str, outbox: Outbox) -> None:
    end_crawl_job(session, outbox, message.crawl_job_id, "failed", error=reason)


def _fail_chunk(
    session: Session, message: ChunkReady | VariantChunkReady, reason: str, outbox: Outbox
) -> None:
    fail_chunk(session, message.chunk_id, reason, outbox)


def _fail_validation(
    session: Session, message: ValidationRequested, reason: str, outbox: Outbox
) -> None:
    this = ValidationJob.id == message.validation_job_id
    end_validation(session, outbox, this, "failed", reason)


def _fail_analysis_job(
    session: Session, message: AnalysisJobRequested, reason: str, outbox: Outbox
) -> None:
    fail_job(session, outbox, message.analysis_job_id, reason)


def _fail_analyses(session: Session, message: AnalysesWaiting, reason: str, outbox: Outbox) -> None:
    fail_analyses(session, outbox, message.analysis_ids, reason)


def _fail_export(session: Session, message: ExportRequested, reason: str, outbox: Outbox) -> None:
    ended = session.execute(
        update(ExportJob)
        .where(ExportJob.id == message.export_job_id, ExportJob.status.in_(LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(ExportJob.id, ExportJob.project_id)
    ).first()
    if ended is not None:
        outbox.add(ExportCompleted(export_job_id=ended.id, status="failed"))
        prefix = name_export_folder(ended.id)
        outbox.add(ObjectsReleased(project_id=ended.project_id, prefixes=[prefix]))


def _fail_upload(session: Session, message: BucketEvent, reason: str, outbox: Outbox) -> None:
    """Fail the image and release its file, which is of no use to anybody."""
    if (ids := parse_upload(message.name)) is None:
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


def _fail_model(session: Session, message: ModelFinalized, reason: str, _: Outbox) -> None:
    """Reject the model; the file, which nobody will load, stays for its owner to look at."""
    if (ids := parse_model(message.name)) is None:
        return
    session.execute(
        update(Model)
        .where(Model.id == ids[1], Model.user_id == ids[0], Model.status == "pending")
        .values(status="rejected", error=reason, generation=message.generation)
    )


def _fail_prediction(
    session: Session, message: PredictionRequested, reason: str, _: Outbox
) -> None:
    settle_prediction(session, message.prediction_id, PredictionFailed("unavailable", reason))


SUBJECTS: dict[type[Message], Subject] = {
    CrawlRequested: Subject(lambda message: _of_crawl(message.crawl_job_id), _fail_crawl_job),
    ChunkReady: Subject(lambda message: _of_crawl(message.crawl_job_id), _fail_chunk),
    VariantChunkReady: Subject(lambda message: _of_crawl(message.crawl_job_id), _fail_chunk),
    VariantsRequested: Subject(lambda message: _of_image(message.image_ids[0])),
    ValidationRequested: Subject(
        lambda message: _of_job(ValidationJob.crawl_job_id, message.validation_job_id),
        _fail_validation,
    ),
    AnalysisJobRequested: Subject(
        lambda message: _of_job(AnalysisJob.crawl_job_id, message.analysis_job_id),
        _fail_analysis_job,
    ),
    AnalysesRequested: Subject(_of_analyses, _fail_analyses),
    ModelAnalysesRequested: Subject(_of_analyses, _fail_analyses),
    ExportRequested: Subject(_of_export, _fail_export),
    UploadFinalized: Subject(_of_upload, _fail_upload),
    ModelFinalized: Subject(_of_model, _fail_model),
    PredictionRequested: Subject(
        lambda message: _of_row(Prediction, message.prediction_id), _fail_prediction
    ),
}
