"""Removing what is past its retention."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from shared.messaging.messages import ExpiryDue
from shared.models import (
    ActivityLog,
    DeadLetter,
    Delivery,
    ExportJob,
    IdempotencyKey,
    Image,
    JobStats,
    OutboxMessage,
    Project,
    SignInCode,
    UserSession,
    Webhook,
    WebhookDelivery,
)
from shared.models.base import Base
from shared.services import services
from shared.storage.bucket import StoredObject
from tests import factories
from tests.harness import Person, System


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def expire(system: System) -> None:
    system.send(ExpiryDue())
    system.drain()
    assert set(system.statuses) == {204}


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def old_and_new(user: UUID) -> list[Sequence[Base]]:
    """For each table a row that is past its time, and one that is not quite."""
    hashes = iter(range(10))
    return [
        (
            OutboxMessage(topic="old", message={}, sent_at=days_ago(8)),
            OutboxMessage(topic="new", message={}, sent_at=days_ago(6)),
        ),
        (
            Delivery(function="f", message_id="old", created_at=days_ago(15)),
            Delivery(function="f", message_id="new", created_at=days_ago(13)),
        ),
        (
            JobStats(job_id="old", operation="o", user_id=user, created_at=days_ago(91)),
            JobStats(job_id="new", operation="o", user_id=user, created_at=days_ago(89)),
        ),
        (
            DeadLetter(topic="old", message={}, created_at=days_ago(91)),
            DeadLetter(topic="new", message={}, created_at=days_ago(89)),
        ),
        (
            ActivityLog(user_id=user, action="old", timestamp=days_ago(366)),
            ActivityLog(user_id=user, action="new", timestamp=days_ago(364)),
        ),
        tuple(
            IdempotencyKey(user_id=user, key=key, function="f", request_hash="h", expires_at=time)
            for key, time in (("old", days_ago(0.01)), ("new", days_ago(-0.01)))
        ),
        tuple(
            UserSession(
                user_id=user,
                family=uuid4(),
                refresh_hash=str(next(hashes)),
                access_hash=str(next(hashes)),
                access_expires_at=days_ago(1),
                expires_at=time,
            )
            for time in (days_ago(0.01), days_ago(-0.01))
        ),
        tuple(
            SignInCode(user_id=user, code_hash=str(next(hashes)), expires_at=time)
            for time in (days_ago(0.01), days_ago(-0.01))
        ),
    ]


def test_rows_past_their_time(system: System, person: Person, session: Session) -> None:
    pairs = old_and_new(person.id)
    session.add_all(row for pair in pairs for row in pair)
    session.add(OutboxMessage(topic="unsent", message={}, created_at=days_ago(1000)))
    session.commit()
    keys = [
        (type(old), [type(row).__mapper__.primary_key_from_instance(row) for row in (old, new)])
        for old, new in pairs
    ]
    session.expunge_all()
    expire(system)
    for table, (old, new) in keys:
        assert session.get(table, old) is None, table
        assert session.get(table, new) is not None, table
    assert session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "unsent")).one()


def test_more_than_one_batch(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.expire.BATCH", 10)
    session.add_all(
        Delivery(function="f", message_id=str(n), created_at=days_ago(30)) for n in range(25)
    )
    session.commit()
    expire(system)
    assert session.scalar(select(func.count()).where(Delivery.function == "f")) == 0


def test_old_deliveries_of_webhooks_go_in_steps(
    system: System, person: Person, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.expire.BATCH", 10)
    steps: list[int] = []

    def count_rows(_: object, cursor: Any, statement: str, *others: object) -> None:
        if statement.startswith("DELETE FROM webhook_deliveries"):
            steps.append(cursor.rowcount)

    webhook = Webhook(user_id=person.id, url="http://x", events=[], secret="s")
    session.add(webhook)
    session.flush()
    days = services().settings.retention_days_webhook_deliveries
    old = [make_delivery(webhook, days_ago(days + 1)) for _ in range(25)]
    new = [make_delivery(webhook, days_ago(days - 1)) for _ in range(3)]
    session.add_all(old + new)
    session.commit()
    kept = {one.id for one in new}
    event.listen(services().engine, "after_cursor_execute", count_rows)
    expire(system)
    event.remove(services().engine, "after_cursor_execute", count_rows)
    assert set(session.scalars(select(WebhookDelivery.id))) == kept
    assert steps == [10, 10, 5]
    assert session.scalars(select(Webhook)).one().secret == "s"


def make_delivery(webhook: Webhook, created_at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=webhook.id, event_id=uuid4(), event="e", created_at=created_at
    )


def test_retention_is_a_setting(
    system: System, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(services().settings, retention_days_deliveries=1)
    monkeypatch.setitem(services().built, "settings", settings)
    session.add(Delivery(function="f", message_id="1", created_at=days_ago(2)))
    session.commit()
    expire(system)
    assert session.scalar(select(func.count()).where(Delivery.function == "f")) == 0


def test_images_that_failed_long_ago(system: System, session: Session, project: Project) -> None:
    columns = {"status": "failed", "failure_reason": "truncated", "file_path": None}
    factories.image(session, project, created_at=days_ago(31), **columns)
    recent = factories.image(session, project, created_at=days_ago(29), **columns)
    fine = factories.image(session, project, created_at=days_ago(1000))
    expire(system)
    assert set(session.scalars(select(Image.id))) == {recent.id, fine.id}


def test_uploads_that_never_came(
    system: System, person: Person, session: Session, project: Project
) -> None:
    body = {"file_name": "a.jpg", "content_type": "image/jpeg", "size": 3}
    path = f"/v1/projects/{project.id}/uploads"
    late, waiting = (person.post(path, body) for _ in range(2))
    session.execute(
        update(Image).where(Image.id == UUID(late["image_id"])).values(created_at=days_ago(1))
    )
    session.commit()
    expire(system)
    shown = person.get(f"/v1/images/{late['image_id']}")
    assert (shown["status"], shown["is_valid"]) == ("failed", False)
    assert shown["failure_reason"] == "missing: the file was never sent"
    assert person.get(f"/v1/images/{waiting['image_id']}")["status"] == "processing"
    # Until its address ends, the file may come all the same.
    requests.put(late["upload_url"], data=b"abc", headers=late["headers"], timeout=10)
    name = f"uploads/{project.id}/{late['image_id']}"
    system.uploaded(name)
    system.drain()
    assert services().storage.find(name) is None


def test_an_upload_that_the_bucket_says_nothing_of_waits_for_the_next_run(
    system: System,
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = {"file_name": "a.jpg", "content_type": "image/jpeg", "size": 3}
    path = f"/v1/projects/{project.id}/uploads"
    unknown = person.post(path, body)["image_id"]
    person.post(path, body)
    session.execute(update(Image).values(created_at=days_ago(1)))
    session.commit()
    find = services().storage.find

    def breaks(name: str) -> StoredObject | None:
        if name.endswith(unknown):
            raise ConnectionError("the bucket does not answer")
        return find(name)

    monkeypatch.setattr(services().storage, "find", breaks)
    expire(system)
    waiting = select(Image.id).where(Image.status == "processing")
    assert [str(one) for one in session.scalars(waiting)] == [unknown]


def test_an_upload_whose_event_was_lost_becomes_an_image(
    system: System, person: Person, session: Session, project: Project
) -> None:
    upload = person.upload(project.id, factories.picture())
    session.execute(update(Image).values(created_at=days_ago(1)))
    session.commit()
    expire(system)
    shown = person.get(f"/v1/images/{upload['image_id']}")
    assert (shown["status"], shown["width"]) == ("completed", 64)
    assert services().storage.list_names(f"uploads/{project.id}/") == []


def test_files_of_exports(
    system: System, person: Person, session: Session, project: Project
) -> None:
    factories.image(session, project)
    jobs = [
        person.post(f"/v1/projects/{project.id}/export-jobs", {"name": "e", "format": "csv"}, 202)
        for _ in range(2)
    ]
    system.drain()
    old, new = (UUID(job["id"]) for job in jobs)
    session.execute(update(ExportJob).where(ExportJob.id == old).values(expires_at=days_ago(0.01)))
    session.commit()
    expire(system)
    rows = dict(session.execute(select(ExportJob.id, ExportJob.object)).all())
    assert rows[old] is None
    assert services().storage.list_names(f"exports/{old}/") == []
    assert services().storage.list_names(f"exports/{new}/") == [rows[new]]
    system.mailbox.sent.clear()
    expire(system)
    assert system.mailbox.topics() == ["expiry-due"]


def test_ended_exports_whose_file_is_long_gone(
    system: System, person: Person, session: Session, project: Project
) -> None:
    columns = {"project_id": project.id, "user_id": person.id, "name": "e"}
    rows = [
        ExportJob(status="completed", created_at=days_ago(91), **columns),
        ExportJob(status="completed", created_at=days_ago(91), object="exports/a", **columns),
        ExportJob(status="running", created_at=days_ago(91), **columns),
        ExportJob(status="failed", created_at=days_ago(89), **columns),
    ]
    session.add_all(rows)
    session.commit()
    ids = [row.id for row in rows]
    expire(system)
    assert set(session.scalars(select(ExportJob.id))) == set(ids[1:])
