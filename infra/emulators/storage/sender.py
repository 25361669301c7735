"""Background thread that sends journalled notifications to Pub/Sub, at least once, in order."""

import logging
import os
import random
import threading
import time
from typing import Any

from infra.emulators.storage.notifications import Notifications, PendingNotification

_BATCH = 100  # messages of one request
_TIMEOUT = 5.0  # seconds for one request
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between attempts for one topic
_LOG = logging.getLogger(__name__)


class Sender:
    """Sends through `PUBSUB_EMULATOR_HOST`; without that variable everything stays journalled."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._client: Any = None  # a google.pubsub_v1.PublisherClient while it works
        self._pauses: dict[str, float] = {}
        self._next_try: dict[str, float] = {}

    def start(self) -> None:
        """Start the thread; it ends with the process, and what is unsent stays journalled."""
        if not os.environ.get("PUBSUB_EMULATOR_HOST"):
            _LOG.info("PUBSUB_EMULATOR_HOST is not set: notifications wait in the journal.")
            return
        self._notifications.wake()
        threading.Thread(target=self._run, name="notifications", daemon=True).start()

    def _run(self) -> None:
        waiting: float | None = None
        while True:
            self._notifications.journalled.wait(waiting)
            self._notifications.journalled.clear()
            try:
                waiting = self._send_all()
            except Exception:  # the only thread that sends must not end
                _LOG.exception("Notifications could not be read")
                waiting = _LONGEST_PAUSE

    def _send_all(self) -> float | None:
        """Send what is due; return seconds until the next attempt, None with nothing left."""
        soonest: float | None = None
        for topic in self._notifications.list_topics():
            remaining = self._next_try.get(topic, 0.0) - time.monotonic()
            while remaining <= 0 and (messages := self._notifications.list_pending(topic, _BATCH)):
                remaining = self._send(topic, messages)
            if remaining > 0:
                soonest = remaining if soonest is None else min(soonest, remaining)
        return soonest

    def _send(self, topic: str, messages: list[PendingNotification]) -> float:
        """Send a batch; return 0, or seconds to pause after a failure."""
        # gRPC takes a third of a second to load, so a bucket without notifications goes without.
        from google.api_core.exceptions import GoogleAPICallError
        from google.pubsub_v1 import PublisherClient, PubsubMessage

        self._client = self._client or PublisherClient()
        try:
            self._client.publish(
                topic=topic,
                messages=[
                    PubsubMessage(data=message.data, attributes=message.attributes)
                    for message in messages
                ],
                timeout=_TIMEOUT,
                retry=None,
            )
        except GoogleAPICallError as error:
            if topic not in self._pauses:
                _LOG.warning("%s does not take notifications, trying on: %s", topic, error)
            # A channel that could not connect waits up to two minutes before it tries again.
            self._client.transport.close()
            self._client = None
            longest = min(self._pauses.get(topic, _FIRST_PAUSE) * 2, _LONGEST_PAUSE)
            self._pauses[topic] = longest
            pause = random.uniform(longest / 2, longest)
            self._next_try[topic] = time.monotonic() + pause
            return pause
        self._pauses.pop(topic, None)
        self._next_try.pop(topic, None)
        self._notifications.remove(messages)
        return 0.0
