"""StreamingPull as the generated client sees it."""

import os
import queue
import time
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument, NotFound
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.types import StreamingPullRequest

from tests.infra.emulators.pubsub.client import PROJECT, PubSub, eventually


class Stream:
    """An open stream: `send` requests, iterate over received messages."""

    def __init__(self, pubsub: PubSub, **first: Any) -> None:
        self._requests: queue.Queue[StreamingPullRequest | None] = queue.Queue()
        self.send(**({"stream_ack_deadline_seconds": 10} | first))
        self._call: Any = SubscriberClient.streaming_pull(
            pubsub.subscriber, requests=iter(self._requests.get, None)
        )
        self.received = (one for response in self._call for one in response.received_messages)

    def send(self, **request: Any) -> None:
        self._requests.put(StreamingPullRequest(**request))

    def close(self) -> None:
        self._call.cancel()
        self._requests.put(None)


@pytest.fixture
def streams() -> Iterator[list[Stream]]:
    """Streams to close at the end."""
    opened: list[Stream] = []
    yield opened
    for stream in opened:
        stream.close()


def sleeping() -> bool:
    """Whether this process, with the emulator in it, passes some time with little work."""
    spent = sum(os.times()[:2])
    time.sleep(0.3)
    return sum(os.times()[:2]) - spent < 0.15


def test_no_more_is_outstanding_than_the_client_wants(
    pubsub: PubSub, streams: list[Stream]
) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, *[b"x"] * 5)
    stream = Stream(pubsub, subscription=subscription, max_outstanding_messages=2)
    streams.append(stream)
    first, second = next(stream.received), next(stream.received)
    eventually(sleeping)  # although messages are due
    assert len(pubsub.pull_now(subscription)) == 3
    pubsub.publish(topic, b"y")
    stream.send(ack_ids=[first.ack_id], modify_deadline_ack_ids=[], modify_deadline_seconds=[])
    assert next(stream.received).message.data == b"y"
    stream.send(modify_deadline_ack_ids=[second.ack_id], modify_deadline_seconds=[0])
    assert next(stream.received).message.message_id == second.message.message_id


def test_bytes_limit_a_stream_too(pubsub: PubSub, streams: list[Stream]) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    stream = Stream(pubsub, subscription=subscription, max_outstanding_bytes=1_000)
    streams.append(stream)
    pubsub.publish(topic, b"x" * 1_000)
    first = next(stream.received)
    pubsub.publish(topic, b"y")
    assert [one.message.data for one in pubsub.pull(subscription)] == [b"y"]
    pubsub.publish(topic, b"z")
    stream.send(ack_ids=[first.ack_id])
    assert next(stream.received).message.data == b"z"


def test_a_client_that_left_takes_nothing(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    stream = Stream(pubsub, subscription=subscription)
    pubsub.publish(topic, b"1")
    stream.send(ack_ids=[next(stream.received).ack_id])
    stream.close()
    taken: list[bytes] = []

    def pulled() -> bool:
        """Whether a message comes here and not to the stream, once the server knows it is gone."""
        pubsub.publish(topic, b"2")
        taken.extend(one.message.data for one in pubsub.pull_now(subscription))
        return bool(taken)

    eventually(pulled)


def test_wrong_requests_end_the_stream(pubsub: PubSub, streams: list[Stream]) -> None:
    subscription = pubsub.subscription(pubsub.topic())
    for refusal, first, then in (
        (NotFound, {"subscription": f"{PROJECT}/subscriptions/none"}, None),
        (InvalidArgument, {"subscription": subscription, "stream_ack_deadline_seconds": 9}, None),
        (InvalidArgument, {"subscription": subscription}, {"ack_ids": ["nonsense"]}),
        (InvalidArgument, {"subscription": subscription}, {"modify_deadline_seconds": [1]}),
    ):
        with pytest.raises(refusal):  # noqa: PT012 (a stream may fail when opened or when read)
            stream = Stream(pubsub, **first)
            streams.append(stream)
            if then:
                stream.send(**then)
            next(stream.received)
