"""Both emulators serve the real client library; Google's known differences are marked."""

import threading
import time
from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, BadRequest, InvalidArgument, NotFound
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    PubsubMessage,
)

from tests.infra.emulators.pubsub.client import PROJECT, wait_until
from tests.infra.emulators.pubsub.conftest import EmulatorCase


def test_published_messages_are_pulled_once_and_gone_after_their_ack(
    emulator: EmulatorCase,
) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic)
    ids = pubsub.publish(topic, b"one", PubsubMessage(data=b"two", attributes={"a": "b", "é": "☃"}))
    received = sorted(pubsub.pull(subscription, 2), key=lambda one: one.message.data)
    assert [one.message.data for one in received] == [b"one", b"two"]
    assert dict(received[1].message.attributes) == {"a": "b", "é": "☃"}
    assert {one.message.message_id for one in received} == set(ids)
    assert len(set(ids)) == 2
    assert abs(received[0].message.publish_time.timestamp() - time.time()) < 60
    assert received[0].delivery_attempt == 0
    assert pubsub.pull_now(subscription) == []
    pubsub.acknowledge(subscription, received)
    assert pubsub.pull_now(subscription) == []


def test_every_subscription_gets_its_own_copy(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    first, second = pubsub.create_subscription(topic), pubsub.create_subscription(topic)
    pubsub.publish(topic, b"x")
    pubsub.acknowledge(first, pubsub.pull(first))
    assert [one.message.data for one in pubsub.pull(second)] == [b"x"]


def test_a_pull_waits_for_a_message(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic)
    timer = threading.Timer(0.3, pubsub.publish, (topic, b"late"))
    timer.start()
    assert pubsub.pull(subscription)[0].message.data == b"late"
    timer.join()


def test_a_message_comes_again_after_a_nack_and_after_its_deadline(
    emulator: EmulatorCase,
) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic)
    pubsub.publish(topic, b"x")
    pubsub.nack(subscription, pubsub.pull(subscription))
    second = pubsub.pull(subscription)
    start = time.monotonic()
    pubsub.subscriber.modify_ack_deadline(
        subscription=subscription, ack_ids=[second[0].ack_id], ack_deadline_seconds=1
    )
    third = pubsub.pull(subscription)
    assert time.monotonic() - start >= 0.9
    assert third[0].message.message_id == second[0].message.message_id
    assert third[0].ack_id != second[0].ack_id
    pubsub.acknowledge(subscription, third)
    assert pubsub.pull_now(subscription) == []


def test_failed_messages_go_to_the_dead_letter_topic(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    dead = pubsub.create_topic()
    morgue = pubsub.create_subscription(dead)
    topic = pubsub.create_topic()
    policy = DeadLetterPolicy(dead_letter_topic=dead, max_delivery_attempts=5)
    subscription = pubsub.create_subscription(topic, dead_letter_policy=policy)
    pubsub.publish(topic, PubsubMessage(data=b"x", attributes={"a": "b"}))
    attempts = []
    for _ in range(5):
        received = pubsub.pull(subscription)
        attempts.append(received[0].delivery_attempt)
        pubsub.nack(subscription, received)
    assert attempts == [1, 2, 3, 4, 5]
    if not emulator.faithful:  # it looks at the count only when it is asked again
        wait_until(lambda: pubsub.pull_now(subscription) == [])
    message = pubsub.pull(morgue)[0].message
    assert message.data == b"x"
    published = received[0].message.publish_time
    source = dict(message.attributes)
    assert source.pop("CloudPubSubDeadLetterSourceTopicPublishTime")[:19] == (
        published.strftime("%Y-%m-%dT%H:%M:%S")
    )
    assert source == {
        "a": "b",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": subscription.rsplit("/", 1)[1],
        "CloudPubSubDeadLetterSourceSubscriptionProject": "pixmill-test",
    }
    assert pubsub.pull_now(subscription) == []


def test_what_cannot_be_published_is_refused(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    refused: list[list[PubsubMessage]] = [
        [],
        [PubsubMessage()],
        [PubsubMessage(data=b"x")] * 1001,
    ]
    # Google's emulator takes all of these; the service does not.
    unchecked = [
        [PubsubMessage(data=b"x" * 10_000_000)],
        [PubsubMessage(data=b"x", attributes={f"k{n}": "v" for n in range(101)})],
        [PubsubMessage(data=b"x", attributes={"k" * 257: "v"})],
        [PubsubMessage(data=b"x", attributes={"k": "v" * 1025})],
        [PubsubMessage(data=b"x", attributes={"k": "é" * 513})],
        [PubsubMessage(data=b"x", attributes={"googclient": "v"})],
    ]
    for messages in refused:
        with pytest.raises(InvalidArgument):
            pubsub.publish(topic, *messages)
    for messages in unchecked:
        if emulator.faithful:
            with pytest.raises(InvalidArgument):
                pubsub.publish(topic, *messages)
        else:
            assert pubsub.publish(topic, *messages)
    assert len(pubsub.publish(topic, *[b"x"] * 1000)) == 1000
    most = {f"k{n}": "v" for n in range(98)} | {"k" * 256: "v", "long": "v" * 1024}
    assert pubsub.publish(topic, PubsubMessage(attributes=most))
    assert pubsub.publish(topic, b"x" * 9_999_000)


@pytest.mark.parametrize(
    ("config", "google_checks"),
    [
        ({"ack_deadline_seconds": 9}, False),
        ({"ack_deadline_seconds": 601}, True),
        ({"ack_deadline_seconds": -1}, True),
        ({"retry_policy": {"minimum_backoff": {"seconds": 601}}}, True),
        ({"retry_policy": {"maximum_backoff": {"seconds": 601}}}, True),
        ({"dead_letter_policy": {"max_delivery_attempts": 4}}, True),
        ({"dead_letter_policy": {"max_delivery_attempts": 101}}, True),
        ({"push_config": {"push_endpoint": "ftp://example.com/"}}, True),
    ],
)
def test_what_a_subscription_cannot_be_is_refused(
    emulator: EmulatorCase, config: dict[str, Any], google_checks: bool
) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    if "dead_letter_policy" in config:
        config = {"dead_letter_policy": config["dead_letter_policy"] | {"dead_letter_topic": topic}}
    if emulator.faithful or google_checks:
        with pytest.raises(BadRequest):
            pubsub.create_subscription(topic, **config)
    else:
        assert pubsub.create_subscription(topic, **config)


@pytest.mark.parametrize("name", ["ab", "goog-x", "1ab", "a" * 256, "a b", "a/b", "ünï", ""])
def test_bad_names_are_refused(emulator: EmulatorCase, name: str) -> None:
    pubsub = emulator.pubsub
    with pytest.raises(InvalidArgument):
        pubsub.publisher.create_topic(name=f"{PROJECT}/topics/{name}")
    with pytest.raises(InvalidArgument):
        pubsub.subscriber.create_subscription(
            name=f"{PROJECT}/subscriptions/{name}", topic=pubsub.create_topic()
        )


def test_resources_are_found_listed_and_deleted(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    publisher, subscriber = pubsub.publisher, pubsub.subscriber
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic)
    with pytest.raises(AlreadyExists):
        publisher.create_topic(name=topic)
    with pytest.raises(AlreadyExists):
        subscriber.create_subscription(name=subscription, topic=topic)
    assert publisher.get_topic(topic=topic).name == topic
    found = subscriber.get_subscription(subscription=subscription)
    assert (found.topic, found.ack_deadline_seconds) == (topic, 10)
    listed = subscriber.list_subscriptions(project=PROJECT)
    assert subscription in [one.name for one in listed]
    assert list(subscriber.list_subscriptions(project="projects/empty")) == []
    subscriber.delete_subscription(subscription=subscription)
    absent = f"{topic}-absent"
    for call in (
        lambda: publisher.get_topic(topic=absent),
        lambda: pubsub.publish(absent, b"x"),
        lambda: subscriber.get_subscription(subscription=subscription),
        lambda: subscriber.delete_subscription(subscription=subscription),
        lambda: subscriber.pull(subscription=subscription, max_messages=1, timeout=30),
        lambda: subscriber.acknowledge(subscription=subscription, ack_ids=["x"]),
        lambda: pubsub.create_subscription(absent),
        lambda: pubsub.create_subscription(
            topic, dead_letter_policy=DeadLetterPolicy(dead_letter_topic=absent)
        ),
    ):
        with pytest.raises(NotFound):
            call()


def test_wrong_acknowledgements_are_refused(emulator: EmulatorCase) -> None:
    pubsub = emulator.pubsub
    subscription = pubsub.create_subscription(pubsub.create_topic())
    for ack_ids in ([], ["nonsense"]):
        with pytest.raises(InvalidArgument):
            pubsub.subscriber.acknowledge(subscription=subscription, ack_ids=ack_ids)
    with pytest.raises(InvalidArgument):
        pubsub.subscriber.pull(subscription=subscription, max_messages=0, timeout=30)
