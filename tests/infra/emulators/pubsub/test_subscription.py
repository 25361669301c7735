"""Leases, backoff and dead letters of one subscription."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra.emulators.pubsub import wire
from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.limits import check_subscription
from infra.emulators.pubsub.subscription import PendingMessage, Subscription

NAME = "projects/p/subscriptions/sub"


class Log:
    """The calls that the subscription made to its broker."""

    def __init__(self) -> None:
        self.settled: list[bytes] = []
        self.dead: list[bytes] = []
        self.dead_letter_works = True

    def on_settled(self, _: Subscription, delivery: PendingMessage) -> None:
        self.settled.append(delivery.message.data)

    def dead_letter(self, _: Subscription, delivery: PendingMessage) -> bool:
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
        return Subscription(checked, lock, DeliveryFaults(), log.on_settled, log.dead_letter)

    return make


def message(data: bytes) -> Any:
    return wire.PubsubMessage(data=data, message_id="1")


def test_a_lost_lease_cannot_be_acknowledged(make: Callable[..., Subscription], log: Log) -> None:
    subscription = make()
    subscription.add(message(b"x"))
    (first,) = subscription.lease(1, duration=0.01)
    lost = first.ack_id
    subscription.wait(1)
    (second,) = subscription.lease(1, duration=10)
    subscription.acknowledge(lost)
    assert log.settled == []
    subscription.acknowledge(second.ack_id)
    subscription.acknowledge(second.ack_id)
    assert log.settled == [b"x"]


def test_a_dead_letter_that_cannot_be_forwarded_comes_again(
    make: Callable[..., Subscription], log: Log
) -> None:
    policy = {"dead_letter_topic": "projects/p/topics/dead", "max_delivery_attempts": 5}
    subscription = make(dead_letter_policy=policy)
    subscription.add(message(b"1"))
    (first,) = subscription.lease(10)
    log.dead_letter_works = False
    for _ in range(6):
        subscription.fail(first.ack_id)
        assert subscription.lease(10) == [first]
    log.dead_letter_works = True
    subscription.fail(first.ack_id)
    assert subscription.lease(10) == []
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
    assert [subscription.count_backoff(n + 1) for n in range(len(waits))] == pytest.approx(waits)
    assert subscription.count_backoff(5_000) <= 600
