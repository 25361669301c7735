"""The ends of jobs as events: written for each webhook in the transaction that ends the job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.messaging.messages import WebhookReady
from shared.messaging.outbox import Outbox
from shared.models import (
    AnalysisJob,
    CrawlJob,
    DatasetVersion,
    ExportJob,
    Model,
    Project,
    ValidationJob,
    VerificationJob,
    Webhook,
    WebhookDelivery,
)
from shared.models.base import new_id
from shared.quotas import QUOTAS
from shared.schemas.fields import Ending, format_rfc3339

Owner = Select[UUID]
_TEST_EVENT = "webhook.test"


@dataclass(frozen=True)
class EventSource:
    """A kind of job: where it is read, and whose it is."""

    path: str
    select_owner: Callable[[UUID], Owner]


def _of_user(table: type[ExportJob | Model]) -> Callable[[UUID], Owner]:
    return lambda identity: select(table.user_id).where(table.id == identity)


def _of_project(project_id: InstrumentedAttribute[UUID]) -> Callable[[UUID], Owner]:
    table: Any = project_id.class_
    return lambda identity: (
        select(Project.user_id)
        .join(table, project_id == Project.id)
        .where(table.id == identity, Project.deleted_at.is_(None))
    )


def _of_crawl_job(crawl_job_id: InstrumentedAttribute[UUID]) -> Callable[[UUID], Owner]:
    table: Any = crawl_job_id.class_
    return lambda identity: (
        select(Project.user_id)
        .join(CrawlJob, CrawlJob.project_id == Project.id)
        .join(table, crawl_job_id == CrawlJob.id)
        .where(table.id == identity, Project.deleted_at.is_(None))
    )


SOURCES: Mapping[str, EventSource] = {
    "analysis_job": EventSource("/v1/analysis-jobs", _of_crawl_job(AnalysisJob.crawl_job_id)),
    "crawl_job": EventSource("/v1/crawl-jobs", _of_project(CrawlJob.project_id)),
    "export_job": EventSource("/v1/export-jobs", _of_user(ExportJob)),
    "model_verification": EventSource("/v1/models", _of_user(Model)),
    "validation_job": EventSource("/v1/validation-jobs", _of_crawl_job(ValidationJob.crawl_job_id)),
    "verification_job": EventSource(
        "/v1/verification-jobs", _of_project(VerificationJob.project_id)
    ),
    "version": EventSource("/v1/versions", _of_project(DatasetVersion.project_id)),
}


def announce_end(
    session: Session, outbox: Outbox, kind: str, identity: UUID, status: Ending
) -> None:
    """Write that a job has ended for the webhooks of its owner that want to hear of it.

    Call it in the transaction that ends the job: both commit, or neither. Rows of webhooks are
    not locked, so the order of locks of those who end jobs stays as it is.
    """
    event, source = f"{kind}.{status}", SOURCES[kind]
    webhooks = session.execute(
        select(Webhook.id, Webhook.user_id, Webhook.is_active).where(
            Webhook.user_id == source.select_owner(identity).scalar_subquery(),
            Webhook.events.contains([event]),
        )
    ).all()
    if not webhooks:
        return
    payload = _make_payload(
        event,
        {"id": str(identity), "kind": kind, "status": status, "url": f"{source.path}/{identity}"},
    )
    full = count_waiting(session, webhooks[0].user_id) >= QUOTAS.waiting_deliveries
    event_id = new_id()
    session.add_all(
        WebhookDelivery(
            webhook_id=one.id,
            event_id=event_id,
            event=event,
            payload=payload,
            status="failed" if full else "pending",
            error=_TOO_MANY if full else None,
            next_attempt_at=func.now() if one.is_active and not full else None,
        )
        for one in webhooks
    )
    if not full:
        outbox.add(*(WebhookReady(webhook_id=one.id) for one in webhooks if one.is_active))


_TOO_MANY = (
    f"It was not sent, because {QUOTAS.waiting_deliveries} deliveries of the account were waiting."
    " Replay it when they have gone."
)


def make_test(webhook_id: UUID) -> WebhookDelivery:
    """Return the delivery of an event that says only that a webhook is called."""
    return WebhookDelivery(
        webhook_id=webhook_id,
        event_id=new_id(),
        event=_TEST_EVENT,
        payload=_make_payload(_TEST_EVENT, {"webhook_id": str(webhook_id)}),
        next_attempt_at=func.now(),
    )


def count_waiting(session: Session, user_id: UUID) -> int:
    """Return how many deliveries of an account wait, counted up to the quota."""
    some = (
        select(WebhookDelivery.id)
        .join(Webhook)
        .where(Webhook.user_id == user_id, WebhookDelivery.status == "pending")
        .limit(QUOTAS.waiting_deliveries)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _make_payload(event: str, data: Mapping[str, str]) -> dict[str, Any]:
    now = format_rfc3339(datetime.now(UTC))
    return {"type": event, "timestamp": now, "data": dict(data)}
