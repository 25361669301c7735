"""Both emulators push alike; Google's known differences are marked."""

import base64
import time
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument
from google.pubsub_v1.types import (
    PubsubMessage,
    RetryPolicy,
    Subscription,
    UpdateSubscriptionRequest,
)

from infra.local.children import find_free_port
from tests.infra.emulators.pubsub.conftest import EmulatorCase
from tests.infra.emulators.pubsub.endpoint import RESET, Endpoint, Push


def make_immediate_policy() -> RetryPolicy:
    return RetryPolicy(minimum_backoff={"seconds": 0}, maximum_backoff={"seconds": 0})


def test_push_sends_the_documented_envelope(emulator: EmulatorCase, endpoint: Endpoint) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic, endpoint.url)
    (message_id,) = pubsub.publish(topic, PubsubMessage(data=b"\x00x", attributes={"a": "b"}))
    (push,) = endpoint.wait_for(1)
    assert push.path == "/push?token=x"
    assert push.headers["Content-Type"] == "application/json"
    assert push.body["subscription"] == subscription
    assert "deliveryAttempt" not in push.body
    message = push.body["message"]
    assert base64.b64decode(message["data"]) == b"\x00x"
    assert message["attributes"] == {"a": "b"}
    assert message["messageId"] == message["message_id"] == message_id
    assert message["publishTime"] == message["publish_time"]
    assert len(endpoint.quiet_for(0.3)) == 1


def test_a_push_without_data_has_attributes_only(
    emulator: EmulatorCase, endpoint: Endpoint
) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    pubsub.create_subscription(topic, endpoint.url)
    pubsub.publish(topic, PubsubMessage(attributes={"a": "b"}))
    message = endpoint.wait_for(1)[0].body["message"]
    # The service leaves absent keys out, Google's emulator sends an empty string.
    assert message.get("data") == (None if emulator.faithful else "")
    assert message["attributes"] == {"a": "b"}


def test_push_acknowledges_by_status(emulator: EmulatorCase, endpoint: Endpoint) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(
        topic, endpoint.url, retry_policy=make_immediate_policy()
    )
    acknowledging = {102, 200, 201, 202, 204}
    others = {203, 206, 302, 304, 400, 404, 410, 429, 500, 503, RESET}
    if not emulator.faithful:  # Google's emulator takes 202 for a failure
        acknowledging, others = acknowledging - {202}, {202, 400, 500, RESET}
    endpoint.answer = lambda push: 200 if push.message_id in answered else answer(push)
    answered: set[str] = set()

    def answer(push: Push) -> int:
        answered.add(push.message_id)
        return int(base64.b64decode(push.data))

    pubsub.publish(topic, *(b"%d" % status for status in acknowledging | others))
    endpoint.wait_for(len(acknowledging) + 2 * len(others), 20)
    times = Counter(int(base64.b64decode(push.data)) for push in endpoint.quiet_for(0.2))
    assert times == dict.fromkeys(acknowledging, 1) | dict.fromkeys(others, 2)
    pubsub.push_to(subscription, "")
    assert pubsub.pull_now(subscription) == []


def test_push_backs_off_exponentially(emulator: EmulatorCase, endpoint: Endpoint) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    policy = RetryPolicy(
        minimum_backoff={"nanos": 100_000_000}, maximum_backoff={"nanos": 200_000_000}
    )
    pubsub.create_subscription(topic, endpoint.url, retry_policy=policy)
    endpoint.status = 500
    pubsub.publish(topic, b"x")
    # Google's emulator retries about once a second or later, whatever was asked.
    pushes = endpoint.wait_for(9 if emulator.faithful else 2)
    endpoint.status = 200
    gaps = [later.at - earlier.at for earlier, later in pairwise(pushes)]
    assert gaps[0] >= 0.09
    assert min(gaps[1:], default=1) >= 0.19
    assert sum(gaps) < 12 or not emulator.faithful  # 25.5 s if the maximum did not hold


def test_push_retries_until_somebody_listens(emulator: EmulatorCase) -> None:
    port = find_free_port()
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    pubsub.create_subscription(
        topic, f"http://127.0.0.1:{port}/push", retry_policy=make_immediate_policy()
    )
    pubsub.publish(topic, b"x")
    time.sleep(0.2)  # the refused attempts; the delivery below must come whatever happened here
    with Endpoint(port) as endpoint:
        assert endpoint.wait_for(1)[0].data == base64.b64encode(b"x").decode()


def test_a_subscription_can_be_updated(emulator: EmulatorCase, endpoint: Endpoint) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic)

    def update(paths: list[str], **config: Any) -> Subscription:
        updated: Subscription = pubsub.subscriber.update_subscription(
            request=UpdateSubscriptionRequest(
                subscription=Subscription(name=subscription, **config), update_mask={"paths": paths}
            )
        )
        return updated

    changed = update(["ack_deadline_seconds"], ack_deadline_seconds=33)
    assert changed.ack_deadline_seconds == 33
    policy = RetryPolicy(minimum_backoff={"seconds": 1}, maximum_backoff={"seconds": 2})
    assert update(["retry_policy"], retry_policy=policy).retry_policy == policy
    assert "retry_policy" not in update(["retry_policy"])
    for paths in ([], ["nope"], ["topic"], ["filter"], ["enable_message_ordering"]):
        with pytest.raises(InvalidArgument):
            update(paths, topic=topic)
    with pytest.raises(InvalidArgument):
        update(["ack_deadline_seconds"], ack_deadline_seconds=601)
    update(["push_config"], push_config={"push_endpoint": endpoint.url})
    pubsub.publish(topic, b"x")
    endpoint.wait_for(1)
    found = pubsub.subscriber.get_subscription(subscription=subscription)
    assert (found.ack_deadline_seconds, found.push_config.push_endpoint) == (33, endpoint.url)


def test_push_can_be_paused_and_sent_elsewhere(emulator: EmulatorCase, endpoint: Endpoint) -> None:
    pubsub = emulator.pubsub
    topic = pubsub.create_topic()
    subscription = pubsub.create_subscription(topic, endpoint.url)

    pubsub.publish(topic, b"1")
    endpoint.wait_for(1)
    pubsub.push_to(subscription, "")
    pubsub.publish(topic, b"2")
    received = pubsub.pull(subscription)
    assert received[0].message.data == b"2"
    pubsub.acknowledge(subscription, received)
    with Endpoint() as other:
        pubsub.publish(topic, b"3")
        pubsub.push_to(subscription, other.url)
        assert base64.b64decode(other.wait_for(1)[0].data) == b"3"
    assert len(endpoint.pushes) == 1
