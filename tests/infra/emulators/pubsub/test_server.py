"""The embedded emulator inside a process: start, stop, start again."""

import socket
import threading
from pathlib import Path

import pytest
from google.api_core.exceptions import NotFound

from infra.emulators.pubsub import DeliveryFaults, EmbeddedPubSub
from tests.infra.emulators.pubsub.client import connect
from tests.infra.emulators.pubsub.endpoint import Endpoint


def test_it_starts_again_at_the_same_port_with_what_the_directory_keeps(tmp_path: Path) -> None:
    server = EmbeddedPubSub(directory=tmp_path, faults=DeliveryFaults())
    with server, connect(server.address) as pubsub:
        port = server.port
        topic = pubsub.create_topic()
        subscription = pubsub.create_subscription(topic)
        pubsub.publish(topic, b"x")
    with server, connect(server.address) as pubsub:
        assert server.port == port
        assert pubsub.pull(subscription)[0].message.data == b"x"


def test_memory_is_forgotten(embedded: EmbeddedPubSub) -> None:
    with connect(embedded.address) as pubsub:
        topic = pubsub.create_topic()
    embedded.stop()
    embedded.start()
    with connect(embedded.address) as pubsub, pytest.raises(NotFound):
        pubsub.publisher.get_topic(topic=topic)


def test_no_thread_is_left_after_it_stopped(endpoint: Endpoint) -> None:
    before = set(threading.enumerate())
    server = EmbeddedPubSub().start()
    try:
        with connect(server.address) as pubsub:
            topic = pubsub.create_topic()
            pubsub.create_subscription(topic, endpoint.url)
            stuck = threading.Event()
            endpoint.answer = lambda push: stuck.wait(60) or 200
            pubsub.publish(topic, *[b"x"] * 5)
            endpoint.wait_for(5)
    finally:
        server.stop()
    stuck.set()
    emulators = [
        thread
        for thread in set(threading.enumerate()) - before
        if "ThreadPool" in thread.name or "_work" in thread.name
    ]
    assert emulators == []


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f":{port} cannot be listened at"):
            EmbeddedPubSub(port).start()


def test_a_large_backlog_is_compacted_and_survives(tmp_path: Path) -> None:
    with EmbeddedPubSub(directory=tmp_path) as server, connect(server.address) as pubsub:
        topic = pubsub.create_topic()
        subscription = pubsub.create_subscription(topic)
        pubsub.publish(topic, b"first")
        for _ in range(7):
            pubsub.publish(topic, b"x" * 3_000_000)
            pubsub.acknowledge(
                subscription,
                [one for one in pubsub.pull_now(subscription) if one.message.data != b"first"],
            )
        pubsub.publish(topic, b"last")
        assert (tmp_path / "journal.jsonl").stat().st_size < 16_000_000  # of 28 written
    with EmbeddedPubSub(directory=tmp_path) as server, connect(server.address) as pubsub:
        received = pubsub.pull(subscription, 2)
        assert {one.message.data for one in received} == {b"first", b"last"}


def test_a_pull_stays_below_what_clients_accept(embedded: EmbeddedPubSub) -> None:
    with connect(embedded.address) as pubsub:
        topic = pubsub.create_topic()
        subscription = pubsub.create_subscription(topic)
        for _ in range(3):
            pubsub.publish(topic, b"x" * 1_500_000)
        assert len(pubsub.pull_now(subscription)) == 2
        assert len(pubsub.pull_now(subscription)) == 1
