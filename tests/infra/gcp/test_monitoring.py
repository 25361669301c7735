"""Alerts are made from fields that functions log."""

import json
import logging
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.logs import JsonFormatter
from shared.messaging.messages import RelayDue, WorkSettled
from shared.models import OutboxMessage
from shared.models.base import new_id
from tests.harness import System

MONITORING = Path("infra/gcp/monitoring.tf").read_text()


def relay(system: System, caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        system.send(RelayDue())
        system.deliver(system.mailbox.waiting.pop())
    return [json.loads(JsonFormatter().format(record)) for record in caplog.records]


def test_the_relay_says_how_long_the_oldest_message_has_waited(
    system: System, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    assert not any("outbox_age" in line for line in relay(system, caplog))
    session.add(
        OutboxMessage(
            topic=WorkSettled.topic,
            message={"crawl_job_id": str(new_id())},
            attributes={},
            created_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 7),
        )
    )
    session.commit()
    ages = [line["outbox_age"] for line in relay(system, caplog) if "outbox_age" in line]
    assert ages == [pytest.approx(420, abs=60)]
    assert "EXTRACT(jsonPayload.outbox_age)" in MONITORING
