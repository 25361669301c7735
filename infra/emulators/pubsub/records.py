"""The journal's records: how each is written, and what all of them together leave."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.emulators.pubsub import wire
from infra.emulators.pubsub.journal import Record


def make_topic_record(topic: Any) -> Record:
    """Return the record of a topic that was created."""
    return ["topic", _encode(topic)]


def make_subscription_record(config: Any) -> Record:
    """Return the record of a subscription that was created or changed."""
    return ["subscription", _encode(config)]


def make_subscription_deleted_record(name: str) -> Record:
    """Return the record of a subscription that was deleted with its messages."""
    return ["subscription-gone", name]


def make_message_record(message: Any, subscriptions: Sequence[str]) -> Record:
    """Return the record of a message that waits in these subscriptions."""
    return ["message", _encode(message), subscriptions]


def make_settled_record(subscription: str, message_id: str) -> Record:
    """Return the record of a message that a subscription is done with."""
    return ["settled", subscription, message_id]


@dataclass
class JournalState:
    """State from a journal; `waiting` has each subscription's messages by id, in order."""

    topics: dict[str, Any] = field(default_factory=dict)
    subscriptions: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_id: int = 0

    @classmethod
    def read(cls, records: Iterable[Record]) -> "JournalState":
        """Return the state after all records."""
        state = cls()
        for kind, *parts in records:
            state._apply(kind, *parts)
        return state

    def _apply(self, kind: str, what: str, more: Any = None) -> None:
        if kind == "topic":
            topic = wire.Topic.FromString(base64.b64decode(what))
            self.topics[topic.name] = topic
        elif kind == "subscription":
            config = wire.Subscription.FromString(base64.b64decode(what))
            self.subscriptions[config.name] = config
            self.waiting.setdefault(config.name, {})
        elif kind == "subscription-gone":
            del self.subscriptions[what], self.waiting[what]
        elif kind == "message":
            message = wire.PubsubMessage.FromString(base64.b64decode(what))
            self.last_id = max(self.last_id, int(message.message_id))
            for name in more:
                self.waiting[name][message.message_id] = message
        elif kind == "settled":
            self.waiting.get(what, {}).pop(more, None)


def _encode(message: Any) -> str:
    return base64.b64encode(message.SerializeToString()).decode()
