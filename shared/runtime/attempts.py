"""job_stats: a row for every attempt at long work, kept when what it was about has gone."""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, Uuid, func, null, select, type_coerce
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import BucketEvent, Message, ModelFinalized, PredictionRequested
from shared.models import (
    AnalysisJob,
    CrawlJob,
    ExportJob,
    Image,
    ImageAnalysis,
    JobStats,
    Model,
    Prediction,
    Project,
    ValidationJob,
)
from shared.storage.names import model_ids, upload_ids

log = logging.getLogger(__name__)


@dataclass
class Attempt:
    """One attempt of one function at one message."""

    operation: str
    message: Message
    job_id: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)

    def completed(self, session: Session, *, error: str | None = None) -> None:
        """Writes the row in the transaction of the work itself."""
        owner = session.execute(_owner(self.message)).first()
        if owner is None:
            return  # the work's subject was deleted meanwhile, and its owner's rows with it
        # Counted here: not every deliverer says how often it has tried.
        before = session.scalar(
            select(func.count()).where(
                JobStats.job_id == self.job_id, JobStats.operation == self.operation
            )
        )
        session.add(
            JobStats(
                job_id=self.job_id,
                operation=self.operation,
                user_id=owner.user_id,
                crawl_job_id=owner.crawl_job_id,
                image_id=owner.image_id,
                status="failed" if error else "completed",
                attempt=1 + (before or 0),
                start_time=self.started,
                end_time=datetime.now(UTC),
                duration_ms=round((time.perf_counter() - self.clock) * 1000, 3),
                error=error,
            )
        )

    def failed(self, engine: Engine, error: Exception) -> None:
        """Writes the row in a transaction of its own: that of the work was rolled back."""
        try:
            with transaction(engine) as session:
                # Its owner reads this; what the exception says (statements, paths) is in the log.
                reason = f"It failed for a passing reason ({type(error).__name__})."
                self.completed(session, error=reason)
        except Exception:
            log.warning("the attempt could not be recorded", exc_info=True)


def _owner(message: Message) -> Select[*tuple[Any, ...]]:
    """Whose work a message is, and the crawl job or image that it is about."""
    body: dict[str, Any] = message.model_dump()
    if isinstance(message, ModelFinalized):
        ids = model_ids(message.name)
        return _of_owner(Model, ids[1] if ids else None)
    if isinstance(message, PredictionRequested):
        return _of_owner(Prediction, message.prediction_id)
    if isinstance(message, BucketEvent):
        ids = upload_ids(message.name)
        return _of_image(ids[1] if ids else None)
    if (crawl_job_id := body.get("crawl_job_id")) is not None:
        return (
            select(Project.user_id, CrawlJob.id.label("crawl_job_id"), _null_id("image_id"))
            .join(Project, Project.id == CrawlJob.project_id)
            .where(CrawlJob.id == crawl_job_id)
        )
    if (export_job_id := body.get("export_job_id")) is not None:
        return select(ExportJob.user_id, ExportJob.crawl_job_id, _null_id("image_id")).where(
            ExportJob.id == export_job_id
        )
    if (validation_job_id := body.get("validation_job_id")) is not None:
        return (
            select(Project.user_id, ValidationJob.crawl_job_id, _null_id("image_id"))
            .join(CrawlJob, CrawlJob.id == ValidationJob.crawl_job_id)
            .join(Project, Project.id == CrawlJob.project_id)
            .where(ValidationJob.id == validation_job_id)
        )
    if (analysis_job_id := body.get("analysis_job_id")) is not None:
        return (
            select(Project.user_id, AnalysisJob.crawl_job_id, _null_id("image_id"))
            .join(CrawlJob, CrawlJob.id == AnalysisJob.crawl_job_id)
            .join(Project, Project.id == CrawlJob.project_id)
            .where(AnalysisJob.id == analysis_job_id)
        )
    if analysis_ids := body.get("analysis_ids"):
        return (
            select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id"))
            .join(ImageAnalysis, ImageAnalysis.image_id == Image.id)
            .where(ImageAnalysis.id == analysis_ids[0])
        )
    return _of_image(next(iter(body.get("image_ids") or []), body.get("image_id")))


def _of_image(image_id: UUID | None) -> Select[*tuple[Any, ...]]:
    return select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id")).where(
        Image.id == image_id
    )


def _of_owner(table: type[Model | Prediction], identity: UUID | None) -> Select[*tuple[Any, ...]]:
    return select(table.user_id, _null_id("crawl_job_id"), _null_id("image_id")).where(
        table.id == identity
    )


def _null_id(name: str) -> Any:
    return type_coerce(null(), Uuid).label(name)
