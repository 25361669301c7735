"""Schedules fire at their times, each once, and not for times that have passed."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cronsim import CronSim

from infra.local.schedule import Scheduler, read_schedules
from shared.messaging.messages import RelayDue
from shared.messaging.outbox import Envelope


class Heard:
    """Keeps the topics that were published."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.once = threading.Event()

    def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        self.topics += [one.topic for one in envelopes]
        self.once.set()
        return [one.id for one in envelopes]

    def check(self) -> None:
        return


def test_every_schedule_is_known() -> None:
    known = {message.topic for message in read_schedules(datetime.now(UTC))}
    assert known == {
        "relay-due",
        "sweep-due",
        "expiry-due",
        "partition-due",
        "roll-up-due",
        "schedules-due",
    }


def test_a_sleep_is_not_made_up_for() -> None:
    heard = Heard()
    years_ago = datetime.now(UTC) - timedelta(days=5 * 366)
    scheduler = Scheduler(heard, {RelayDue: CronSim("0 0 1 1 *", years_ago)})
    scheduler.start()
    assert heard.once.wait(30)
    scheduler.stop()
    assert not scheduler.is_alive()
    assert heard.topics == ["relay-due"]


def test_an_idle_scheduler_stops_at_once() -> None:
    heard = Heard()
    scheduler = Scheduler(heard, {RelayDue: CronSim("0 0 1 1 *", datetime.now(UTC))})
    scheduler.start()
    scheduler.stop()
    assert not scheduler.is_alive()
    assert heard.topics == []
