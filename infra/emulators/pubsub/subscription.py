"""One subscription's unacknowledged messages: what is due, and what is leased."""

import heapq
import itertools
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.emulators.pubsub.errors import make_invalid_argument_error
from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.limits import to_seconds

_MAX_BATCH_BYTES = 3_500_000  # gRPC clients accept 4 MiB unless told otherwise
_FIRST_PUSH_BACKOFF = 0.1
_LAST_PUSH_BACKOFF = 60.0


@dataclass(eq=False, slots=True)
class PendingMessage:
    """A message on its way to one subscription; `failures` counts nacks and missed deadlines."""

    message: Any
    failures: int = 0
    ack_id: str = ""
    deadline: float = math.inf


class Subscription:
    """Messages of one subscription. Methods need the lock of `changed`; times are monotonic."""

    def __init__(
        self,
        config: Any,
        lock: threading.RLock,
        faults: DeliveryFaults,
        on_settled: Callable[["Subscription", PendingMessage], None],
        dead_letter: Callable[["Subscription", PendingMessage], bool],
    ) -> None:
        self.config = config
        self.deleted = False
        self.changed = threading.Condition(lock)
        self._faults = faults
        self._on_settled = on_settled
        self._dead_letter = dead_letter
        self._numbers = itertools.count(1)
        self._due: list[tuple[float, int, PendingMessage]] = []
        self._leased: dict[str, PendingMessage] = {}
        self._deadlines: list[tuple[float, int, PendingMessage]] = []

    @property
    def endpoint(self) -> str:
        """The URL that messages are pushed to; empty for pull, and after deletion."""
        return "" if self.deleted else str(self.config.push_config.push_endpoint)

    def add(self, message: Any) -> None:
        """Take a published message for delivery."""
        delay = self._faults.delay + random.random() * self._faults.reorder
        self._schedule(PendingMessage(message), delay)

    def lease(self, limit: int, duration: float = math.inf) -> list[PendingMessage]:
        """Lease up to `limit` messages that are due, for `duration` seconds.

        Together they stay below what a client accepts, except for a single message.
        """
        self._expire(time.monotonic())
        now = time.monotonic()
        leased: list[PendingMessage] = []
        space = _MAX_BATCH_BYTES
        while self._due and self._due[0][0] <= now and len(leased) < limit:
            space -= self._due[0][2].message.ByteSize()
            if leased and space < 0:
                break
            delivery = heapq.heappop(self._due)[2]
            delivery.ack_id = f"{self.config.name}:{next(self._numbers)}"
            self._leased[delivery.ack_id] = delivery
            self._extend(delivery, now + duration)
            leased.append(delivery)
        if leased and self._due:
            self.changed.notify()  # whoever waits next knows a wrong or no due time
        return leased

    def attempt(self, delivery: PendingMessage) -> int:
        """Return the delivery attempt that the service tells: 0 without a dead-letter policy."""
        return delivery.failures + 1 if self.config.HasField("dead_letter_policy") else 0

    def acknowledge(self, ack_id: str) -> None:
        """End a leased message; an expired lease is ignored, as in the service."""
        if delivery := self._unlease(ack_id):
            self._on_settled(self, delivery)

    def extend(self, ack_id: str, lease: float) -> None:
        """Give a leased message `lease` more seconds from now; 0 is a nack."""
        if not lease:
            self.fail(ack_id)
        elif delivery := self._leased.get(self._check_own(ack_id)):
            self._extend(delivery, time.monotonic() + lease)

    def fail(self, ack_id: str) -> None:
        """Count a nack: the message comes again after the backoff, or goes to the dead letters."""
        delivery = self._unlease(ack_id)
        if delivery is None:
            return
        delivery.failures += 1
        limit = self.config.dead_letter_policy.max_delivery_attempts
        if limit and delivery.failures >= limit and self._dead_letter(self, delivery):
            self._on_settled(self, delivery)
        else:
            self._schedule(delivery, self.count_backoff(delivery.failures))

    def delete(self) -> None:
        """Forget all messages, also those under way."""
        self.deleted = True
        self._due.clear()
        self._leased.clear()
        self.changed.notify_all()

    def list_unsettled(self) -> Iterator[PendingMessage]:
        """Return all messages that still have to be acknowledged."""
        return itertools.chain((entry[2] for entry in self._due), self._leased.values())

    def wait(self, limit: float = math.inf) -> None:
        """Sleep until something changed, a message is due, a lease ends, or `limit` seconds."""
        now = time.monotonic()
        queues = (self._due, self._deadlines)
        timeout = min(limit, *(queue[0][0] - now for queue in queues if queue), math.inf)
        self.changed.wait(None if timeout == math.inf else max(0.0, timeout))

    def _schedule(self, delivery: PendingMessage, delay: float) -> None:
        entry = (time.monotonic() + delay, next(self._numbers), delivery)
        heapq.heappush(self._due, entry)
        self.changed.notify()

    def _extend(self, delivery: PendingMessage, deadline: float) -> None:
        delivery.deadline = deadline
        if deadline < math.inf:
            heapq.heappush(self._deadlines, (deadline, next(self._numbers), delivery))

    def _expire(self, now: float) -> None:
        while self._deadlines and self._deadlines[0][0] <= now:
            delivery = heapq.heappop(self._deadlines)[2]
            if delivery.ack_id in self._leased and delivery.deadline <= now:
                self.fail(delivery.ack_id)

    def _check_own(self, ack_id: str) -> str:
        if not ack_id.startswith(f"{self.config.name}:"):
            raise make_invalid_argument_error(f"Invalid ack id (ack_id={ack_id})")
        return ack_id

    def _unlease(self, ack_id: str) -> PendingMessage | None:
        return self._leased.pop(self._check_own(ack_id), None)

    def count_backoff(self, failures: int) -> float:
        """Return the seconds before the next attempt: doubled between the retry policy's bounds.

        Without a policy a pull subscription redelivers at once and push backs off from 100 ms to
        60 s (cloud.google.com/pubsub/docs/handling-failures, cloud.google.com/pubsub/docs/push).
        """
        if self.config.HasField("retry_policy"):
            low = to_seconds(self.config.retry_policy.minimum_backoff)
            high = to_seconds(self.config.retry_policy.maximum_backoff)
        elif self.endpoint:
            low, high = _FIRST_PUSH_BACKOFF, _LAST_PUSH_BACKOFF
        else:
            return 0.0
        doubled = (low or _FIRST_PUSH_BACKOFF) * 2.0 ** min(failures - 1, 32)
        return min(doubled, high)
