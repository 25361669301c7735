"""Notifications reach a topic over the real protocol, whatever dies on the way."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import requests
from google.pubsub_v1 import PublishRequest, PublishResponse

from infra.emulators.storage import StorageServer
from infra.local.children import find_free_port

Connect = Callable[[StorageServer], Any]
TOPIC = "projects/pixmill-test/topics/upload-finalized"


@dataclass
class Topic:
    """A Pub/Sub publisher service that keeps what it is sent."""

    port: int
    messages: list[tuple[str, Any]] = field(default_factory=list)
    broken: bool = False
    refused: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._server: grpc.Server | None = None

    def start(self) -> None:
        """Listen."""
        publish = grpc.unary_unary_rpc_method_handler(
            self._publish,
            request_deserializer=PublishRequest.deserialize,
            response_serializer=PublishResponse.serialize,
        )
        self._server = grpc.server(ThreadPoolExecutor(2))
        self._server.add_generic_rpc_handlers(
            [
                grpc.method_handlers_generic_handler(
                    "google.pubsub.v1.Publisher", {"Publish": publish}
                )
            ]
        )
        self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.stop(None).wait()

    def wait_for(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        """Return when the condition holds."""
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.names()

    def names(self) -> list[str]:
        """Return the objects that messages were about, in the order of arrival."""
        return [message.attributes["objectId"] for _, message in list(self.messages)]

    def _publish(self, request: PublishRequest, context: grpc.ServicerContext) -> PublishResponse:
        with self._changed:
            self._changed.notify_all()
            if self.broken:
                self.refused += 1
                context.abort(grpc.StatusCode.NOT_FOUND, "no such topic")
            self.messages += [(request.topic, message) for message in request.messages]
        return PublishResponse(message_ids=[str(uuid.uuid4()) for _ in request.messages])


@pytest.fixture
def topic() -> Iterator[Topic]:
    """Yield a service that is not listening yet."""
    topic = Topic(find_free_port())
    yield topic
    topic.stop()


@pytest.fixture
def server(tmp_path: Path, topic: Topic, account: Path) -> Iterator[StorageServer]:
    """Yield an emulator that reports what arrives below `uploads/`."""
    server = StorageServer(
        tmp_path / "data",
        buckets=["pixmill"],
        service_accounts=[account],
        notify={"uploads/": TOPIC},
        environment={"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{topic.port}"},
    )
    server.start()
    yield server
    server.kill()


def test_a_finalized_object_is_reported_once(
    server: StorageServer, topic: Topic, connect: Connect
) -> None:
    topic.start()
    bucket = connect(server).bucket("pixmill")
    bucket.blob("elsewhere").upload_from_string(b"x")
    blob = bucket.blob("uploads/é 1")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(b"content", content_type="image/png")
    first = blob.generation
    blob.upload_from_string(b"new", content_type="image/png")
    topic.wait_for(lambda: len(topic.messages) >= 2)

    (name, message), (_, overwrite) = topic.messages
    assert name == TOPIC
    attributes = dict(message.attributes)
    assert datetime.fromisoformat(attributes.pop("eventTime")).tzinfo
    assert attributes == {
        "eventType": "OBJECT_FINALIZE",
        "payloadFormat": "JSON_API_V1",
        "bucketId": "pixmill",
        "objectId": "uploads/é 1",
        "objectGeneration": str(first),
        "notificationConfig": "projects/_/buckets/pixmill/notificationConfigs/1",
    }
    payload = json.loads(message.data)
    assert payload["kind"] == "storage#object"
    assert (payload["size"], payload["contentType"]) == ("7", "image/png")
    assert (payload["generation"], payload["metadata"]) == (str(first), {"k": "v"})
    assert overwrite.attributes["overwroteGeneration"] == str(first)
    assert overwrite.attributes["objectGeneration"] == str(blob.generation)
    assert len(topic.messages) == 2


def test_every_way_to_make_an_object_is_reported(
    server: StorageServer, topic: Topic, connect: Connect, credentials: Any
) -> None:
    topic.start()
    bucket = connect(server).bucket("pixmill")
    source = bucket.blob("source")
    source.upload_from_string(b"x")
    with bucket.blob("uploads/resumable").open("wb") as stream:
        stream.write(b"x")
    bucket.blob("uploads/composed").compose([source])
    url = bucket.blob("uploads/signed").generate_signed_url(
        version="v4",
        method="PUT",
        expiration=timedelta(minutes=1),
        api_access_endpoint=server.url,
        credentials=credentials,
    )
    requests.put(url, data=b"x", timeout=30).raise_for_status()
    topic.wait_for(lambda: len(topic.messages) >= 3)
    ways = ["resumable", "composed", "signed"]
    assert topic.names() == [f"uploads/{way}" for way in ways]


def test_a_topic_that_fails_gets_everything_later_and_in_order(
    server: StorageServer, topic: Topic, connect: Connect
) -> None:
    topic.broken = True
    topic.start()
    bucket = connect(server).bucket("pixmill")
    names = [f"uploads/{number}" for number in range(5)]
    for name in names:
        bucket.blob(name).upload_from_string(b"x")
    topic.wait_for(lambda: topic.refused >= 2)
    topic.broken = False
    topic.wait_for(lambda: len(topic.messages) >= 5)
    assert topic.names() == names


def test_a_service_that_starts_late_gets_everything(
    server: StorageServer, topic: Topic, connect: Connect
) -> None:
    bucket = connect(server).bucket("pixmill")
    with socket.create_server(("127.0.0.1", topic.port)) as deaf:
        deaf.settimeout(15)
        for number in range(3):  # each attempt to send is turned away
            bucket.blob(f"uploads/{number}").upload_from_string(b"x")
            deaf.accept()[0].close()
    topic.start()
    topic.wait_for(lambda: set(topic.names()) == {"uploads/0", "uploads/1", "uploads/2"})


def test_a_kill_between_upload_and_sending_loses_nothing(
    server: StorageServer, topic: Topic, connect: Connect
) -> None:
    bucket = connect(server).bucket("pixmill")
    names = [f"uploads/{number}" for number in range(3)]
    for name in names:
        bucket.blob(name).upload_from_string(b"x")
    server.kill()
    topic.start()
    server.start()
    topic.wait_for(lambda: len(topic.messages) >= 3)
    server.kill()
    server.start()
    bucket.blob("uploads/last").upload_from_string(b"x")
    topic.wait_for(lambda: "uploads/last" in topic.names())
    # What was sent just before a kill may come again: at least once, and first in order.
    assert list(dict.fromkeys(topic.names())) == [*names, "uploads/last"]


def test_a_kill_in_the_middle_of_work_loses_nothing(
    server: StorageServer, topic: Topic, connect: Connect
) -> None:
    topic.start()
    bucket = connect(server).bucket("pixmill")
    acknowledged: list[str] = []

    def upload() -> None:
        for number in range(10_000):
            name = f"uploads/{number:05d}"
            try:
                bucket.blob(name).upload_from_string(b"x" * 1000, retry=None)
            except requests.RequestException:
                return
            acknowledged.append(name)

    thread = threading.Thread(target=upload)
    thread.start()
    end = time.monotonic() + 15
    while len(acknowledged) < 30 and time.monotonic() < end:
        time.sleep(0.005)
    server.kill()
    thread.join()
    server.start()
    topic.wait_for(lambda: set(acknowledged) <= set(topic.names()))
    assert len(acknowledged) >= 30
    stored = [blob.name for blob in bucket.list_blobs()]
    topic.wait_for(lambda: set(topic.names()) == set(stored))
    assert set(acknowledged) <= set(stored)
