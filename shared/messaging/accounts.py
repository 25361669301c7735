"""Whose work a message is: found by the first of its ids that names a row of an account."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.messaging.messages import Message
from shared.models import (
    AnalysisJob,
    CrawlJob,
    DatasetVersion,
    ExportJob,
    Image,
    ImageAnalysis,
    Prediction,
    Project,
    ValidationJob,
    VerificationJob,
)

Query = Callable[[Any], Select[UUID]]


def _through_crawl(table: type[AnalysisJob | ValidationJob]) -> Query:
    return lambda identity: (
        select(Project.user_id)
        .join(CrawlJob, CrawlJob.project_id == Project.id)
        .join(table, table.crawl_job_id == CrawlJob.id)
        .where(table.id == identity)
    )


def _through_project(table: type[CrawlJob | DatasetVersion | VerificationJob]) -> Query:
    return lambda identity: (
        select(Project.user_id)
        .join(table, table.project_id == Project.id)
        .where(table.id == identity)
    )


# By the field of a message that names the row, jobs before their parts: messages of one job share
# their query.
_QUERIES: Mapping[str, Query] = {
    "crawl_job_id": _through_project(CrawlJob),
    "verification_job_id": _through_project(VerificationJob),
    "version_id": _through_project(DatasetVersion),
    "analysis_job_id": _through_crawl(AnalysisJob),
    "validation_job_id": _through_crawl(ValidationJob),
    "export_job_id": lambda one: select(ExportJob.user_id).where(ExportJob.id == one),
    "prediction_id": lambda one: select(Prediction.user_id).where(Prediction.id == one),
    "project_id": lambda one: select(Project.user_id).where(Project.id == one),
    "analysis_ids": lambda ids: (
        select(Image.user_id)
        .join(ImageAnalysis, ImageAnalysis.image_id == Image.id)
        .where(ImageAnalysis.id == ids[0])
    ),
}


def find_accounts(session: Session, messages: list[Message]) -> list[UUID | None]:
    """Return for each message whose work it is; None where what it is about is gone."""
    found: dict[tuple[str, str], UUID | None] = {}
    accounts = []
    for message in messages:
        name = next(name for name in _QUERIES if getattr(message, name, None))
        identity = getattr(message, name)
        key = (name, str(identity))
        if key not in found:
            found[key] = session.scalar(_QUERIES[name](identity))
        accounts.append(found[key])
    return accounts
