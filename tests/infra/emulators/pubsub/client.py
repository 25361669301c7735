"""The real client library against one emulator, with names that no other test uses."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services import publisher as generated
from google.pubsub_v1.types import PubsubMessage, Subscription

PROJECT = "projects/pixmill-test"


class PubSubClients:
    """Clients of one emulator, and short ways to what most tests do."""

    def __init__(self, address: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PUBSUB_EMULATOR_HOST", address)
            self.publisher = PublisherClient()
            self.subscriber = SubscriberClient()

    def close(self) -> None:
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()

    def create_topic(self) -> str:
        name = f"{PROJECT}/topics/t{uuid4().hex}"
        self.publisher.create_topic(name=name)
        return name

    def create_subscription(self, topic: str, push_endpoint: str = "", **config: Any) -> str:
        name = f"{PROJECT}/subscriptions/s{uuid4().hex}"
        if push_endpoint:
            config["push_config"] = {"push_endpoint": push_endpoint}
        self.subscriber.create_subscription(request=Subscription(name=name, topic=topic, **config))
        return name

    def publish(self, topic: str, *messages: bytes | PubsubMessage) -> list[str]:
        """One Publish request, as Pixmill's relay makes it."""
        sent = [m if isinstance(m, PubsubMessage) else PubsubMessage(data=m) for m in messages]
        publish = generated.PublisherClient.publish
        response = publish(self.publisher, topic=topic, messages=sent, timeout=30)
        return list(response.message_ids)

    def push_to(self, subscription: str, endpoint: str) -> None:
        """Give a subscription another endpoint, or none."""
        self.subscriber.update_subscription(
            subscription=Subscription(name=subscription, push_config={"push_endpoint": endpoint}),
            update_mask={"paths": ["push_config"]},
        )

    def pull(self, subscription: str, count: int = 1, deadline: float = 30) -> list[Any]:
        """Return exactly `count` received messages; fail the test when they do not come."""
        received: list[Any] = []
        end = time.monotonic() + deadline
        while len(received) < count and (left := end - time.monotonic()) > 0:
            response = self.subscriber.pull(
                subscription=subscription, max_messages=count - len(received), timeout=left + 1
            )
            received += response.received_messages
        assert len(received) == count
        return received

    def pull_now(self, subscription: str, limit: int = 100) -> list[Any]:
        """Return what is there at this moment."""
        with pytest.warns(DeprecationWarning, match="return_immediately"):
            response = self.subscriber.pull(
                subscription=subscription, max_messages=limit, return_immediately=True, timeout=30
            )
        return list(response.received_messages)

    def acknowledge(self, subscription: str, received: Sequence[Any]) -> None:
        ack_ids = [one.ack_id for one in received]
        self.subscriber.acknowledge(subscription=subscription, ack_ids=ack_ids)

    def nack(self, subscription: str, received: Sequence[Any]) -> None:
        ack_ids = [one.ack_id for one in received]
        self.subscriber.modify_ack_deadline(
            subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=0
        )


@contextmanager
def connect(address: str) -> Iterator[PubSubClients]:
    """Yield clients that are closed at the end."""
    pubsub = PubSubClients(address)
    try:
        yield pubsub
    finally:
        pubsub.close()


def wait_until(condition: Callable[[], bool], deadline: float = 30) -> None:
    """Return when a condition holds; fail the test when it does not in time."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.01)
