"""Push delivery: POST the documented envelope, acknowledge by status."""

import base64
import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from infra.emulators.pubsub.broker import Broker
from infra.emulators.pubsub.connection import Connection
from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.subscription import PendingMessage, Subscription

ACKNOWLEDGING = frozenset({102, 200, 201, 202, 204})


def to_push_body(subscription: str, message: Any, attempt: int) -> bytes:
    """Return the request body (cloud.google.com/pubsub/docs/push), in both spellings."""
    published = message.publish_time.ToJsonString()
    content: dict[str, Any] = {
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.data:
        content["data"] = base64.b64encode(message.data).decode()
    if message.attributes:
        content["attributes"] = dict(message.attributes)
    body: dict[str, Any] = {"message": content, "subscription": subscription}
    if attempt:
        body["deliveryAttempt"] = attempt
    return json.dumps(body).encode()


@dataclass
class _Crew:
    size: int = 0
    idle: int = 0


class Pusher:
    """Up to `window` threads for each push subscription, each with a kept-alive connection.

    A thread is started when all others of its subscription are busy, so an idle subscription has
    one, asleep on the subscription's condition.
    """

    def __init__(self, broker: Broker, faults: DeliveryFaults, window: int) -> None:
        self._broker = broker
        self._faults = faults
        self._window = window
        self._crews: dict[Subscription, _Crew] = {}
        self._threads: set[threading.Thread] = set()
        self._connections: set[Connection] = set()
        self._deliveries = itertools.count(1)
        self._is_cut = False

    def attend(self, subscription: Subscription) -> None:
        """See to it that a thread waits for the subscription's messages; wants the lock."""
        if self._broker.closed or not subscription.endpoint:
            return
        crew = self._crews.setdefault(subscription, _Crew())
        if crew.idle or crew.size >= self._window:
            return
        crew.size += 1
        thread = threading.Thread(target=self._work, args=(subscription, crew), daemon=True)
        self._threads.add(thread)
        thread.start()

    def close(self, grace: float) -> None:
        """Let requests end for `grace` seconds, then cut them; the broker is closed before."""
        end = time.monotonic() + grace
        with self._broker.lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        with self._broker.lock:
            self._is_cut = True
            for connection in self._connections:
                connection.cut()
        for thread in threads:
            thread.join(1)

    def _work(self, subscription: Subscription, crew: _Crew) -> None:
        connection = self._open()
        try:
            while delivery := self._find_next(subscription, crew):
                acknowledged = False
                try:
                    acknowledged = self._deliver(subscription, delivery, connection)
                finally:
                    with self._broker.lock:
                        settle = subscription.acknowledge if acknowledged else subscription.fail
                        settle(delivery.ack_id)
        finally:
            self._discard(connection)
            with self._broker.lock:
                self._threads.discard(threading.current_thread())
                crew.size -= 1
                if not crew.size:
                    self._crews.pop(subscription, None)
                self.attend(subscription)  # the endpoint may be back since `_find_next` gave up

    def _find_next(self, subscription: Subscription, crew: _Crew) -> PendingMessage | None:
        with self._broker.lock:
            while subscription.endpoint and not self._broker.closed:
                if leased := subscription.lease(1):
                    self.attend(subscription)
                    return leased[0]
                crew.idle += 1
                subscription.wait()
                crew.idle -= 1
            return None

    def _deliver(
        self, subscription: Subscription, delivery: PendingMessage, connection: Connection
    ) -> bool:
        with self._broker.lock:
            config = subscription.config
            attempt = subscription.attempt(delivery)
            number = next(self._deliveries)
        body = to_push_body(config.name, delivery.message, attempt)
        url, timeout = config.push_config.push_endpoint, config.ack_deadline_seconds
        copies = self._faults.duplicate
        if copies > 1 and self._faults.concurrent:
            with ThreadPoolExecutor(copies) as pool:
                calls = [pool.submit(self._post_apart, url, body, timeout) for _ in range(copies)]
            statuses = [call.result() for call in calls]
        else:
            statuses = [connection.post(url, body, timeout) for _ in range(copies)]
        if self._faults.drop_answers and number % self._faults.drop_answers == 0:
            return False
        return not ACKNOWLEDGING.isdisjoint(statuses)

    def _post_apart(self, url: str, body: bytes, timeout: float) -> int:
        connection = self._open()
        try:
            return connection.post(url, body, timeout)
        finally:
            self._discard(connection)

    def _open(self) -> Connection:
        connection = Connection()
        with self._broker.lock:
            self._connections.add(connection)
            if self._is_cut:
                connection.cut()
        return connection

    def _discard(self, connection: Connection) -> None:
        with self._broker.lock:
            self._connections.discard(connection)
        connection.close()
