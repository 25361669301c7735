"""Topics, subscriptions, and the way of a message between them."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from infra.emulators.pubsub import limits, records, wire
from infra.emulators.pubsub.errors import (
    StatusError,
    make_already_exists_error,
    make_invalid_argument_error,
    make_not_found_error,
)
from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.journal import Journal, Record
from infra.emulators.pubsub.subscription import PendingMessage, Subscription


class Broker:
    """Topics and subscriptions. Methods are thread-safe, and raise `StatusError` as the service."""

    def __init__(
        self, journal: Journal | None = None, faults: DeliveryFaults | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.closed = False
        self.attend: Callable[[Subscription], None] = lambda subscription: None
        """Called with the lock held when a subscription has come or its configuration changed."""
        self._faults = faults or DeliveryFaults()
        self._journal = journal
        self._subscriptions: dict[str, Subscription] = {}
        state = records.JournalState.read(journal.read() if journal else [])
        self._topics = state.topics
        with self.lock:
            for name, config in state.subscriptions.items():
                subscription = self._remember(config)
                for message in state.waiting[name].values():
                    subscription.add(message)
        # Ids stay unique over restarts because the clock is ahead of all that were given.
        self._ids = itertools.count(max(time.time_ns() // 1_000, state.last_id + 1))
        if journal:
            journal.compact(self._snapshot())

    def create_topic(self, topic: Any) -> Any:
        """Store a topic and return it."""
        limits.check_topic(topic)
        with self.lock:
            if topic.name in self._topics:
                raise make_already_exists_error("Topic", topic.name)
            self._record([records.make_topic_record(topic)])
            self._topics[topic.name] = topic
            return topic

    def get_topic(self, name: str) -> Any:
        """Return the topic of a name."""
        limits.check_name("topics", name)
        with self.lock:
            if name not in self._topics:
                raise make_not_found_error("Topic", name)
            return self._topics[name]

    def publish(self, topic: str, messages: Iterable[Any]) -> list[str]:
        """Return message ids, once every subscription's journal entry is written."""
        with self.lock:
            self.get_topic(topic)
            routed = [self._route(topic, message) for message in messages]
            self._record(
                records.make_message_record(
                    message, [receiver.config.name for receiver in receivers]
                )
                for message, receivers in routed
                if receivers
            )
            for message, receivers in routed:
                for receiver in receivers:
                    receiver.add(message)
            if self._journal and self._journal.is_bloated():
                self._journal.compact(self._snapshot())
            return [message.message_id for message, _ in routed]

    def create_subscription(self, config: Any) -> Any:
        """Store a subscription and return it with its defaults."""
        limits.check_subscription(config)
        with self.lock:
            if config.name in self._subscriptions:
                raise make_already_exists_error("Subscription", config.name)
            self.get_topic(config.topic)
            self._check_dead_letter_topic(config)
            self._put_subscription(config)
            return config

    def get_subscription(self, name: str) -> Subscription:
        """Return the live subscription of a name; use it with the lock held."""
        limits.check_name("subscriptions", name)
        with self.lock:
            if name not in self._subscriptions:
                raise make_not_found_error("Subscription", name)
            return self._subscriptions[name]

    def update_subscription(self, change: Any, paths: Sequence[str]) -> Any:
        """Replace the named fields of a subscription and return it."""
        limits.check_update(paths)
        with self.lock:
            config = _merge(self.get_subscription(change.name).config, change, paths)
            limits.check_subscription(config)
            if "dead_letter_policy" in paths:
                self._check_dead_letter_topic(config)
            self._put_subscription(config)
            return config

    def delete_subscription(self, name: str) -> None:
        """Drop it with all its messages."""
        with self.lock:
            self.get_subscription(name)
            self._record([records.make_subscription_deleted_record(name)])
            self._subscriptions.pop(name).delete()

    def list_subscriptions(self, project: str) -> list[Any]:
        """Return the configurations of `projects/P`, by name."""
        limits.check_project(project)
        with self.lock:
            names = sorted(name for name in self._subscriptions if name.startswith(f"{project}/"))
            return [self._subscriptions[name].config for name in names]

    def pull(
        self, name: str, limit: int, patience: float, alive: Callable[[], bool]
    ) -> list[tuple[PendingMessage, int]]:
        """Lease messages; return them with their attempts, after at most `patience` seconds."""
        if limit < 1:
            raise make_invalid_argument_error("max_messages must be positive")
        end = time.monotonic() + patience
        with self.lock:
            while not self.closed and alive():
                subscription = self.get_subscription(name)
                duration = subscription.config.ack_deadline_seconds
                if leased := subscription.lease(min(limit, limits.MAX_MESSAGES), duration):
                    return [(one, subscription.attempt(one)) for one in leased]
                left = end - time.monotonic()
                if left <= 0:
                    break
                subscription.wait(left)
            self.wake(name)  # a notification that came to this caller was another's
            return []

    def acknowledge(self, name: str, ack_ids: Sequence[str]) -> None:
        """Settle leased messages."""
        self._apply_to_each(
            name, ack_ids, lambda subscription, ack_id: subscription.acknowledge(ack_id)
        )

    def modify_ack_deadline(self, name: str, ack_ids: Sequence[str], lease: int) -> None:
        """Extend leases; 0 seconds is a nack."""
        if not 0 <= lease <= 600:
            raise make_invalid_argument_error("ack_deadline_seconds out of bounds: 0 to 600")
        self._apply_to_each(
            name, ack_ids, lambda subscription, ack_id: subscription.extend(ack_id, lease)
        )

    def wake(self, name: str) -> None:
        """Let everybody who waits for a subscription's messages look again."""
        with self.lock:
            if subscription := self._subscriptions.get(name):
                subscription.changed.notify_all()

    def close(self) -> None:
        """End every wait; nothing is delivered any more."""
        with self.lock:
            self.closed = True
            for name in self._subscriptions:
                self.wake(name)

    def attend_all(self) -> None:
        """Call `attend` for what a journal brought back."""
        with self.lock:
            for subscription in self._subscriptions.values():
                self.attend(subscription)

    def _apply_to_each(
        self, name: str, ack_ids: Sequence[str], act: Callable[[Subscription, str], None]
    ) -> None:
        if not ack_ids:
            raise make_invalid_argument_error("No ack ids specified.")
        with self.lock:
            subscription = self.get_subscription(name)
            for ack_id in ack_ids:
                act(subscription, ack_id)
            subscription.changed.notify_all()

    def _route(self, topic: str, sent: Any) -> tuple[Any, list[Subscription]]:
        message = wire.PubsubMessage()
        message.CopyFrom(sent)
        message.message_id = str(next(self._ids))
        message.publish_time.FromMilliseconds(time.time_ns() // 1_000_000)
        receivers = [
            subscription
            for subscription in self._subscriptions.values()
            if subscription.config.topic == topic
        ]
        return message, receivers

    def _on_settled(self, subscription: Subscription, delivery: PendingMessage) -> None:
        # A lost record only means a redelivery after a restart: better than refusing the ack.
        with contextlib.suppress(StatusError):
            self._record(
                [records.make_settled_record(subscription.config.name, delivery.message.message_id)]
            )

    def _dead_letter(self, subscription: Subscription, delivery: PendingMessage) -> bool:
        """Forward a message that failed too often; return whether that was possible."""
        _, project, _, name = subscription.config.name.split("/")
        message = wire.PubsubMessage()
        message.CopyFrom(delivery.message)
        message.attributes.update(
            {
                "CloudPubSubDeadLetterSourceDeliveryCount": str(delivery.failures),
                "CloudPubSubDeadLetterSourceSubscription": name,
                "CloudPubSubDeadLetterSourceSubscriptionProject": project,
                "CloudPubSubDeadLetterSourceTopicPublishTime": (
                    delivery.message.publish_time.ToJsonString()
                ),
            }
        )
        try:
            self.publish(subscription.config.dead_letter_policy.dead_letter_topic, [message])
        except StatusError:
            return False
        return True

    def _check_dead_letter_topic(self, config: Any) -> None:
        topic = config.dead_letter_policy.dead_letter_topic
        if config.HasField("dead_letter_policy") and topic not in self._topics:
            raise make_not_found_error("Dead letter topic", topic)

    def _put_subscription(self, config: Any) -> None:
        self._record([records.make_subscription_record(config)])
        subscription = self._remember(config)
        subscription.changed.notify_all()
        self.attend(subscription)

    def _remember(self, config: Any) -> Subscription:
        subscription = self._subscriptions.get(config.name)
        if subscription is None:
            subscription = self._subscriptions[config.name] = Subscription(
                config, self.lock, self._faults, self._on_settled, self._dead_letter
            )
        subscription.config = config
        return subscription

    def _record(self, lines: Iterable[Record]) -> None:
        if self._journal:
            try:
                self._journal.append(lines)
            except (OSError, ValueError) as error:  # ValueError: closed since
                detail = f"the journal cannot be written: {error}"
                raise StatusError(grpc.StatusCode.UNAVAILABLE, detail) from error

    def _snapshot(self) -> Iterator[Record]:
        """Yield records that bring back what there is now."""
        yield from map(records.make_topic_record, self._topics.values())
        waiting: dict[str, tuple[Any, list[str]]] = {}
        for name, subscription in self._subscriptions.items():
            yield records.make_subscription_record(subscription.config)
            for delivery in subscription.list_unsettled():
                message = delivery.message
                waiting.setdefault(message.message_id, (message, []))[1].append(name)
        for message_id in sorted(waiting, key=int):
            yield records.make_message_record(*waiting[message_id])


def _merge(target: Any, change: Any, paths: Sequence[str]) -> Any:
    """Return a copy of `target` with some fields as in `change`."""
    merged = type(target)()
    merged.CopyFrom(target)
    FieldMask(paths=paths).MergeMessage(change, merged, True, True)
    return merged
