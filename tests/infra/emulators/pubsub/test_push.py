"""Push delivery of the embedded emulator: what the service sends, in parallel, under faults."""

import base64
import random
import threading
import time
from collections import Counter

from google.pubsub_v1.types import DeadLetterPolicy, PubsubMessage, RetryPolicy

from infra.emulators.pubsub import EmbeddedPubSub
from tests.infra.emulators.pubsub.client import PubSubClients, connect
from tests.infra.emulators.pubsub.endpoint import Endpoint, Push

QUICKLY = RetryPolicy(minimum_backoff={"nanos": 10_000_000}, maximum_backoff={"nanos": 50_000_000})


def payload(push: Push) -> bytes:
    return base64.b64decode(push.data)


def test_the_attempt_is_sent_when_there_is_a_dead_letter_policy(
    pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    dead, topic = pubsub.create_topic(), pubsub.create_topic()
    morgue = pubsub.create_subscription(dead)
    subscription = pubsub.create_subscription(
        topic,
        endpoint.url,
        dead_letter_policy=DeadLetterPolicy(dead_letter_topic=dead, max_delivery_attempts=6),
        retry_policy=QUICKLY,
    )
    endpoint.status = 500
    (message_id,) = pubsub.publish(topic, PubsubMessage(data=b"x"))
    message = pubsub.pull(morgue)[0].message
    pushes = endpoint.quiet_for(0.2)
    assert [push.body["deliveryAttempt"] for push in pushes] == [1, 2, 3, 4, 5, 6]
    assert {push.message_id for push in pushes} == {message_id}
    assert message.message_id != message_id
    assert message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "6"
    assert subscription.endswith(message.attributes["CloudPubSubDeadLetterSourceSubscription"])


def test_connections_are_kept_alive_and_pushes_go_at_the_same_time(
    pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url)
    together = threading.Barrier(8)

    def answer(push: Push) -> int:
        together.wait(20)
        return 200

    endpoint.answer = answer
    pubsub.publish(topic, *[b"x"] * 64)
    pushes = endpoint.wait_for(64)
    assert together.n_waiting == 0 or not together.broken
    assert len({push.connection for push in pushes}) == 8


def test_no_more_than_the_window_is_under_way(endpoint: Endpoint) -> None:
    active, most = 0, 0
    lock = threading.Lock()

    def answer(push: Push) -> int:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        time.sleep(0.01)
        with lock:
            active -= 1
        return 200

    endpoint.answer = answer
    with EmbeddedPubSub(window=3) as server, connect(server.address) as pubsub:
        topic = pubsub.create_topic()
        pubsub.create_subscription(topic, endpoint.url)
        pubsub.publish(topic, *[b"x"] * 30)
        endpoint.wait_for(30)
    assert most == 3


def test_a_connection_that_the_server_closed_costs_no_attempt(
    pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    dead, topic = pubsub.create_topic(), pubsub.create_topic()
    pubsub.create_subscription(
        topic, endpoint.url, dead_letter_policy=DeadLetterPolicy(dead_letter_topic=dead)
    )
    port = endpoint.port
    pubsub.publish(topic, b"1")
    first = endpoint.wait_for(1)[0]
    endpoint.close()
    first.connection.shutdown(2)  # type: ignore[attr-defined]
    with Endpoint(port) as again:
        pubsub.publish(topic, b"2")
        second = again.wait_for(1)[0]
    assert payload(second) == b"2"
    assert second.body["deliveryAttempt"] == 1


def test_random_failures_lose_nothing(pubsub: PubSubClients, endpoint: Endpoint) -> None:
    """Every one of 500 messages is acknowledged in the end, with a third of all answers bad."""
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic, endpoint.url, retry_policy=QUICKLY)
    chance = random.Random(7)
    lock = threading.Lock()
    acknowledged: Counter[bytes] = Counter()
    everything = threading.Event()

    def answer(push: Push) -> int:
        with lock:
            status = chance.choice([200, 200, 204, 200, 500, -1])
            if status > 0 and status < 300:
                acknowledged[payload(push)] += 1
                if len(acknowledged) == 500:
                    everything.set()
        return status

    endpoint.answer = answer
    names = [b"%d" % n for n in range(500)]
    for start in range(0, 500, 50):
        pubsub.publish(topic, *names[start : start + 50])
    assert everything.wait(60)
    count = len(endpoint.quiet_for(0.2))
    assert set(acknowledged) == set(names)
    assert set(acknowledged.values()) == {1}
    assert count > 600
    pubsub.push_to(subscription, "")
    assert pubsub.pull_now(subscription) == []


def test_deleting_a_subscription_ends_its_pushes(pubsub: PubSubClients, endpoint: Endpoint) -> None:
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic, endpoint.url, retry_policy=QUICKLY)
    endpoint.status = 500
    pubsub.publish(topic, b"x")
    endpoint.wait_for(2)
    pubsub.subscriber.delete_subscription(subscription=subscription)
    pubsub.publish(topic, b"y")
    assert b"y" not in {payload(push) for push in endpoint.quiet_for(0.2)}


def test_every_message_can_be_delivered_twice(
    embedded: EmbeddedPubSub, pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url)
    embedded.faults.duplicate = 2
    pubsub.publish(topic, *(b"%d" % n for n in range(50)))
    endpoint.wait_for(100)
    assert set(Counter(map(payload, endpoint.quiet_for(0.1))).values()) == {2}


def test_every_message_can_be_delivered_at_the_same_time(
    embedded: EmbeddedPubSub, pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url)
    embedded.faults.duplicate, embedded.faults.concurrent = 3, True
    meeting = {b"%d" % n: threading.Barrier(3) for n in range(10)}

    def answer(push: Push) -> int:
        meeting[payload(push)].wait(20)
        return 200

    endpoint.answer = answer
    pubsub.publish(topic, *meeting)
    endpoint.wait_for(30)
    assert len(endpoint.quiet_for(0.1)) == 30
    assert not any(barrier.broken for barrier in meeting.values())


def test_answers_can_be_dropped(
    embedded: EmbeddedPubSub, pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url, retry_policy=QUICKLY)
    embedded.faults.drop_answers = 4
    pubsub.publish(topic, *(b"%d" % n for n in range(30)))
    endpoint.wait_for(39)  # 30 and every fourth again, and every fourth of those
    times = Counter(map(payload, endpoint.quiet_for(0.2)))
    assert (len(times), times.total()) == (30, 39)


def test_messages_can_be_delayed_and_reordered(
    embedded: EmbeddedPubSub, pubsub: PubSubClients, endpoint: Endpoint
) -> None:
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url)
    embedded.faults.delay, embedded.faults.reorder = 0.2, 0.2
    start = time.monotonic()
    names = [b"%02d" % n for n in range(20)]
    pubsub.publish(topic, *names)
    pushes = endpoint.wait_for(20)
    assert min(push.at for push in pushes) - start >= 0.2
    arrived = [payload(push) for push in pushes]
    assert sorted(arrived) == names
    assert arrived != names
