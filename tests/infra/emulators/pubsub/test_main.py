"""The emulator as its own process: durable over a kill, quick to stop, asleep when idle."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from google.api_core.exceptions import NotFound
from google.pubsub_v1.types import PubsubMessage, RetryPolicy

from infra.emulators.pubsub import EmbeddedPubSub
from tests.infra.emulators.pubsub.client import PubSubClients, connect, wait_until
from tests.infra.emulators.pubsub.endpoint import Endpoint

QUICKLY = RetryPolicy(minimum_backoff={"nanos": 10_000_000}, maximum_backoff={"nanos": 50_000_000})


@contextmanager
def run_emulator(
    *options: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], PubSubClients]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.emulators.pubsub", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    assert process.stdout
    with process.stdout:
        try:
            ready = process.stdout.readline().split()
            assert ready[:4] == ["Pub/Sub", "emulator", "ready", "at"]
            with connect(ready[4]) as pubsub:
                yield process, pubsub
        finally:
            process.kill()
            process.wait()


def test_what_was_not_acknowledged_comes_again_after_a_kill(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    names = {b"%d" % n for n in range(100)}
    with run_emulator("--directory", str(tmp_path)) as (process, pubsub):
        topic = pubsub.create_topic()
        pushed = pubsub.create_subscription(topic, endpoint.url, retry_policy=QUICKLY)
        pubsub.publish(topic, b"101")
        pulled = pubsub.create_subscription(topic, ack_deadline_seconds=600)
        ended = pubsub.create_subscription(topic)
        endpoint.answer = lambda push: 200 if int(base64.b64decode(push.data)) % 2 else 500
        ids = pubsub.publish(
            topic, *(PubsubMessage(data=name, attributes={"a": "b"}) for name in sorted(names))
        )
        received = pubsub.pull(pulled, 100)
        acknowledged = received[:40]
        pubsub.acknowledge(pulled, acknowledged)
        pubsub.subscriber.delete_subscription(subscription=ended)
        endpoint.wait_for(150)
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = endpoint.quiet_for(0.1)
    answered = {base64.b64decode(p.data) for p in before if int(base64.b64decode(p.data)) % 2}
    endpoint.pushes.clear()
    endpoint.answer = lambda push: 200
    with run_emulator("--directory", str(tmp_path)) as (_, pubsub):
        expected = (names | {b"101"}) - answered
        endpoint.wait_for(len(expected))
        again = Counter(base64.b64decode(push.data) for push in endpoint.quiet_for(0.2))
        assert set(again) >= expected
        assert set(again.values()) == {1}
        # At most what was under way at the kill was handled and comes again all the same.
        assert len(set(again) & answered) <= 8
        assert {push.message_id for push in endpoint.pushes} <= set(ids) | {
            push.message_id for push in before
        }
        rest = pubsub.pull(pulled, 60)
        assert {one.message.message_id for one in rest} == (
            set(ids) - {one.message.message_id for one in acknowledged}
        )
        assert rest[0].message.attributes["a"] == "b"
        assert pubsub.pull_now(pulled) == []
        found = pubsub.subscriber.get_subscription(subscription=pushed)
        assert found.push_config.push_endpoint == endpoint.url
        with pytest.raises(NotFound):
            pubsub.subscriber.get_subscription(subscription=ended)
        assert int(pubsub.publish(topic, b"new")[0]) > max(map(int, ids))


def test_it_stops_soon_with_work_under_way(tmp_path: Path, endpoint: Endpoint) -> None:
    with run_emulator("--directory", str(tmp_path)) as (process, pubsub):
        topic, pulled = pubsub.create_topic(), pubsub.create_subscription(pubsub.create_topic())
        pubsub.create_subscription(topic, endpoint.url)
        pull = ThreadPoolExecutor(1).submit(pull_once, pubsub, pulled)
        endpoint.answer = lambda push: process.wait() or 200
        pubsub.publish(topic, b"x")
        endpoint.wait_for(1)
        start = time.monotonic()
        process.terminate()
        assert process.wait(30) == 0
        assert time.monotonic() - start < 8  # the push alone may take ten
        assert pull.result(30) == []
    endpoint.answer = lambda push: 200
    with run_emulator("--directory", str(tmp_path)):
        assert endpoint.wait_for(2)[1].message_id == endpoint.pushes[0].message_id


def test_an_idle_emulator_sleeps(endpoint: Endpoint) -> None:
    with run_emulator() as (process, pubsub):
        for _ in range(20):
            pubsub.create_subscription(pubsub.create_topic(), endpoint.url)
        late = RetryPolicy(minimum_backoff={"seconds": 600})
        pubsub.create_subscription(
            failing := pubsub.create_topic(), "http://127.0.0.1:9/", retry_policy=late
        )
        pubsub.publish(failing, *[b"x"] * 20)
        pulled = pubsub.create_subscription(pubsub.create_topic())
        pull = ThreadPoolExecutor(1).submit(pull_once, pubsub, pulled)
        child = psutil.Process(process.pid)

        def sleeps() -> bool:
            """Return whether a second passes with hardly any work."""
            before = child.cpu_times()
            time.sleep(1)
            after = child.cpu_times()
            return after.user + after.system - before.user - before.system <= 0.03

        wait_until(sleeps)
        process.terminate()
        assert pull.result(30) == []


def pull_once(pubsub: PubSubClients, subscription: str) -> list[Any]:
    """Return what one pull brings, which waits for up to half a minute."""
    response = pubsub.subscriber.pull(
        subscription=subscription, max_messages=1, timeout=30, retry=None
    )
    return list(response.received_messages)


@pytest.mark.parametrize("by", ["options", "environment"])
def test_faults_come_from_the_command_line(by: str, endpoint: Endpoint) -> None:
    options = ("--duplicate", "2", "--concurrent") if by == "options" else ()
    environment = {} if options else {"PUBSUB_FAULT_DUPLICATE": "2"}
    with run_emulator(*options, **environment) as (_, pubsub):
        topic = pubsub.create_topic()
        pubsub.create_subscription(topic, endpoint.url)
        pubsub.publish(topic, b"x")
        endpoint.wait_for(2)
        assert len(endpoint.quiet_for(0.1)) == 2


def test_a_directory_in_use_is_said(tmp_path: Path) -> None:
    with EmbeddedPubSub(directory=tmp_path):
        command = [sys.executable, "-m", "infra.emulators.pubsub", "--port", "0", "--directory"]
        ended = subprocess.run(
            [*command, str(tmp_path)], capture_output=True, text=True, timeout=20, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == f"Pub/Sub emulator: {tmp_path} is used by another process\n"
