"""Leases, backoff, ordering and retention of one subscription."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from infra.emulators.pubsub import wire
from infra.emulators.pubsub.faults import Faults
from infra.emulators.pubsub.limits import check_subscription
from infra.emulators.pubsub.subscription import Delivery, Subscription

NAME = "projects/p/subscriptions/sub"


class Log:
    """What the subscription told its broker."""

    def __init__(self) -> None:
        self.settled: list[bytes] = []
        self.dead: list[bytes] = []
        self.dead_letter_works = True

    def on_settled(self, _: Subscription, delivery: Delivery) -> None:
        self.settled.append(delivery.message.data)

    def dead_letter(self, _: Subscription, delivery: Delivery) -> bool:
        if self.dead_letter_works:
            self.dead.append(delivery.message.data)
        return self.dead_letter_works


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def make(log: Log) -> Callable[..., Subscription]:
    """Return a subscription with a configuration."""

    def make(**config: Any) -> Subscription:
        checked = wire.Subscription(name=NAME, topic="projects/p/topics/top", **config)
        check_subscription(checked)
        lock = threading.RLock()
        lock.acquire()  # every method wants it
        return Subscription(checked, lock, Faults(), log.on_settled, log.dead_letter)

    return make


def message(data: bytes, *, age: float = 0, key: str = "") -> Any:
    sent = wire.PubsubMessage(data=data, message_id="1", ordering_key=key)
    sent.publish_time.FromNanoseconds(int((time.time() - age) * 1e9))
    return sent


def data(deliveries: list[Delivery]) -> list[bytes]:
    return [delivery.message.data for delivery in deliveries]


def test_a_lost_lease_cannot_be_acknowledged(make: Callable[..., Subscription], log: Log) -> None:
    subscription = make()
    subscription.add(message(b"x"))
    (first,) = subscription.take(1, lease=0.01)
    lost = first.ack_id
    subscription.wait(1)
    (second,) = subscription.take(1, lease=10)
    subscription.acknowledge(lost)
    assert log.settled == []
    subscription.acknowledge(second.ack_id)
    subscription.acknowledge(second.ack_id)
    assert log.settled == [b"x"]


def test_what_outlived_its_retention_is_dropped(
    make: Callable[..., Subscription], log: Log
) -> None:
    subscription = make(message_retention_duration={"seconds": 600})
    subscription.add(message(b"old", age=601))
    subscription.add(message(b"new", age=590))
    assert data(subscription.take(10)) == [b"new"]
    assert log.settled == [b"old"]


def test_a_dead_letter_lets_the_next_of_its_key_go(
    make: Callable[..., Subscription], log: Log
) -> None:
    policy = {"dead_letter_topic": "projects/p/topics/dead", "max_delivery_attempts": 5}
    subscription = make(enable_message_ordering=True, dead_letter_policy=policy)
    for name in (b"1", b"2"):
        subscription.add(message(name, key="k"))
    subscription.add(message(b"other", key="l"))
    (first, other) = subscription.take(10)
    assert data([first, other]) == [b"1", b"other"]
    log.dead_letter_works = False
    for _ in range(6):
        subscription.fail(first.ack_id)
        assert subscription.take(10) == [first]
    log.dead_letter_works = True
    subscription.fail(first.ack_id)
    assert data(subscription.take(10)) == [b"2"]
    assert log.dead == log.settled == [b"1"]


@pytest.mark.parametrize(
    ("config", "waits"),
    [
        ({}, [0, 0, 0]),
        ({"push_config": {"push_endpoint": "http://h/"}}, [0.1, 0.2, 0.4, 0.8]),
        ({"retry_policy": {}}, [10, 20, 40, 80, 160, 320, 600, 600]),
        ({"retry_policy": {"maximum_backoff": {"seconds": 15}}}, [10, 15, 15]),
        ({"retry_policy": {"minimum_backoff": {}, "maximum_backoff": {}}}, [0, 0]),
        ({"retry_policy": {"minimum_backoff": {}}}, [0.1, 0.2, 0.4]),
    ],
)
def test_the_backoff_doubles_between_its_bounds(
    make: Callable[..., Subscription], config: dict[str, Any], waits: list[float]
) -> None:
    subscription = make(**config)
    assert [subscription._backoff(n + 1) for n in range(len(waits))] == pytest.approx(waits)
    assert subscription._backoff(5_000) <= 600
