"""Every kind of job tells its owner's webhooks that it has ended, in the same transaction."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import CrawlRequested, WebhookReady
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
from shared.models.base import Base, Job
from shared.quotas import Quotas
from shared.schemas.webhooks import ENDINGS, EVENTS
from shared.states import TERMINAL
from shared.subjects import record_failure
from shared.webhooks import events
from shared.webhooks.events import SOURCES, announce_end
from tests import factories
from tests.harness import Person, System

ROWS: dict[str, Callable[[Project, CrawlJob], Base]] = {
    "analysis_job": lambda _, job: AnalysisJob(crawl_job_id=job.id, analyzer="basic"),
    "crawl_job": lambda project, _: CrawlJob(project_id=project.id, name="c", source={}),
    "export_job": lambda project, _: ExportJob(
        project_id=project.id, user_id=project.user_id, name="e"
    ),
    "model_verification": lambda project, _: Model(
        user_id=project.user_id, name="m", model_type="onnx", version="1", file_path="p"
    ),
    "validation_job": lambda _, job: ValidationJob(crawl_job_id=job.id, name="v"),
    "verification_job": lambda project, _: VerificationJob(
        project_id=project.id, name="v", max_distance=4
    ),
    "version": lambda project, _: DatasetVersion(project_id=project.id, name="v"),
}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def listening(person: Person, session: Session) -> Webhook:
    """A webhook that wants to hear of everything."""
    webhook = Webhook(user_id=person.id, url="http://x", events=list(EVENTS), secret="s")
    session.add(webhook)
    session.commit()
    return webhook


def test_every_table_of_jobs_has_events() -> None:
    tables = {type(ROWS[kind](Project(), CrawlJob())) for kind in ENDINGS}
    assert {
        mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Job)
    } <= (tables)
    assert set(SOURCES) == set(ENDINGS)
    assert all(set(endings) <= TERMINAL for endings in ENDINGS.values())


@pytest.mark.parametrize("kind", ENDINGS)
def test_the_owner_alone_hears_of_it(
    system: System, session: Session, project: Project, listening: Webhook, kind: str
) -> None:
    stranger = system.person()
    session.add(Webhook(user_id=stranger.id, url="http://x", events=list(EVENTS), secret="s"))
    row: Any = ROWS[kind](project, factories.crawl_job(session, project))
    session.add(row)
    session.flush()
    outbox = Outbox(session)
    announce_end(session, outbox, kind, row.id, "failed")
    session.commit()
    delivery = session.scalars(select(WebhookDelivery)).one()
    assert delivery.webhook_id == listening.id
    assert delivery.event == delivery.payload["type"] == f"{kind}.failed"
    assert delivery.payload["timestamp"].endswith("Z")
    data = delivery.payload["data"]
    assert data == {
        "id": str(row.id),
        "kind": kind,
        "status": "failed",
        "url": f"{SOURCES[kind].path}/{row.id}",
    }
    assert [one.topic for one in outbox.added] == [WebhookReady.topic]


def test_what_rolls_back_was_never_said(
    session: Session, project: Project, listening: Webhook
) -> None:
    job = factories.crawl_job(session, project, status="running")
    record_failure(session, CrawlRequested(crawl_job_id=job.id), "no", Outbox(session))
    assert session.scalars(select(WebhookDelivery)).one().event == "crawl_job.failed"
    session.rollback()
    assert session.scalar(select(WebhookDelivery)) is None


def test_events_that_nobody_asked_for_cost_no_row(
    session: Session, project: Project, listening: Webhook
) -> None:
    listening.events = ["crawl_job.cancelled"]
    session.commit()
    job = factories.crawl_job(session, project)
    outbox = Outbox(session)
    announce_end(session, outbox, "crawl_job", job.id, "completed")
    assert (session.scalar(select(WebhookDelivery)), outbox.added) == (None, [])


def test_above_the_limit_a_delivery_says_that_it_was_not_sent(
    session: Session, project: Project, listening: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "QUOTAS", Quotas(waiting_deliveries=1))
    job = factories.crawl_job(session, project)
    outbox = Outbox(session)
    for _ in range(2):
        announce_end(session, outbox, "crawl_job", job.id, "completed")
    session.commit()
    first, second = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
    assert (first.status, second.status) == ("pending", "failed")
    assert "Replay it" in (second.error or "")
    assert len(outbox.added) == 1
