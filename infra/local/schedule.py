"""Fires the schedules: publishes each scheduled message at its cron times, in UTC."""

import logging
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from cronsim import CronSim

from shared.messaging.messages import Message
from shared.messaging.outbox import Envelope, Publisher
from shared.models.base import new_id
from shared.operations.discovery import list_message_functions

log = logging.getLogger(__name__)


# The times of each message, in order and without end.
Schedules = Mapping[type[Message], Iterator[datetime]]


def read_schedules(begin: datetime) -> Schedules:
    """Return when each message that has a schedule is due after a time."""
    return {
        message: CronSim(message.schedule, begin)
        for message in {operation.message for _, operation in list_message_functions()}
        if message.schedule
    }


class Scheduler(threading.Thread):
    """Runs until it is stopped; a time that passes while it is down is not made up for."""

    def __init__(self, publisher: Publisher, schedules: Schedules | None = None) -> None:
        """Take the declared schedules, from now on, where none are given."""
        super().__init__(name="scheduler", daemon=True)
        self._publisher = publisher
        self._stopped = threading.Event()
        self._due = read_schedules(datetime.now(UTC)) if schedules is None else schedules

    def run(self) -> None:
        """Wait for the next time, fire, and start over."""
        upcoming = {message: next(times) for message, times in self._due.items()}
        while upcoming:
            message = min(upcoming, key=lambda one: upcoming[one])
            wait = (upcoming[message] - datetime.now(UTC)).total_seconds()
            if self._stopped.wait(max(0.0, wait)):
                return
            # Times that passed while the machine slept are left out.
            now = datetime.now(UTC)
            upcoming[message] = next(time for time in self._due[message] if time > now)
            self.fire(message)

    def fire(self, message: type[Message]) -> None:
        """Publish one scheduled message now."""
        self._publisher.publish([Envelope(new_id(), message.topic, {}, {})])

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join(timeout=5)
