"""Publishing to the embedded Pub/Sub."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.subscriber import SubscriberClient

from infra.emulators.pubsub import EmbeddedPubSub
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Envelope
from shared.messaging.publishing import RETRY, PubSub
from shared.models.base import new_id
from tests.infra.emulators.pubsub.client import connect

PROJECT = "pixmill-test"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPubSub]:
    """Yield an embedded Pub/Sub with two topics, each with a subscription of its name."""
    with EmbeddedPubSub() as server:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.address)
        with connect(server.address) as clients:
            for topic in ("first", "second"):
                path = f"projects/{PROJECT}/topics/{topic}"
                clients.publisher.create_topic(name=path)
                clients.subscriber.create_subscription(
                    name=f"projects/{PROJECT}/subscriptions/{topic}", topic=path
                )
            yield server


@pytest.fixture
def pubsub(server: EmbeddedPubSub) -> Iterator[PubSub]:
    """Yield a publisher of that server."""
    with PublisherClient() as client:
        yield PubSub(PROJECT, client)


def envelope(topic: str, **body: object) -> Envelope:
    identity = new_id()
    return Envelope(identity, topic, dict(body), {"pixmill-id": str(identity)})


def pull(topic: str, count: int) -> list[tuple[dict[str, object], dict[str, str]]]:
    """Return what the topic's subscription holds: body and attributes."""
    found: list[tuple[dict[str, object], dict[str, str]]] = []
    with SubscriberClient() as client:
        name = f"projects/{PROJECT}/subscriptions/{topic}"
        while len(found) < count:
            answer = client.pull(subscription=name, max_messages=1000, timeout=10)
            found += [
                (json.loads(one.message.data), dict(one.message.attributes))
                for one in answer.received_messages
            ]
            ids = [one.ack_id for one in answer.received_messages]
            client.acknowledge(subscription=name, ack_ids=ids)
    return found


def test_body_and_attributes_arrive(pubsub: PubSub) -> None:
    sent = [envelope("first", text="Katze, weiß", number=1), envelope("second")]
    assert pubsub.publish(sent) == [one.id for one in sent]
    ((body, attributes),) = pull("first", 1)
    assert body == {"text": "Katze, weiß", "number": 1}
    assert attributes == {"pixmill-id": str(sent[0].id)}
    assert pull("second", 1)[0][0] == {}


def test_nothing_to_send(pubsub: PubSub) -> None:
    assert pubsub.publish([]) == []


def test_more_than_one_request_may_hold(pubsub: PubSub) -> None:
    """By number, and by size."""
    many = [envelope("first", number=number) for number in range(1201)]
    assert len(pubsub.publish(many)) == 1201
    assert sorted(body["number"] for body, _ in pull("first", 1201)) == list(range(1201))  # type: ignore[type-var]
    large = [envelope("second", text="x" * 1_500_000) for _ in range(8)]
    assert pubsub.publish(large) == [one.id for one in large]


def test_a_missing_topic_keeps_no_other_from_its_messages(pubsub: PubSub) -> None:
    sent = [envelope("missing"), envelope("first"), envelope("missing"), envelope("second")]
    assert pubsub.publish(sent) == [sent[1].id, sent[3].id]


class Noting(PublisherClient):
    """Keeps the topics that were tried."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[str] = []

    def publish(self, *args: Any, **more: Any) -> Any:
        self.tried.append(more["topic"].rsplit("/", 1)[-1])
        return super().publish(*args, **more)


def test_while_pubsub_is_down(server: EmbeddedPubSub) -> None:
    """One topic is waited for, not each; nothing is raised."""
    client = Noting()
    with client:
        pubsub = PubSub(PROJECT, client, RETRY.with_timeout(0.5))
        server.stop()
        assert pubsub.publish([envelope("first"), envelope("second")]) == []
    assert client.tried == ["first"]


def test_check_wants_a_topic_of_ours(server: EmbeddedPubSub, pubsub: PubSub) -> None:
    with pytest.raises(GoogleAPICallError):
        pubsub.check()
    with connect(server.address) as clients:
        clients.publisher.create_topic(name=f"projects/{PROJECT}/topics/{CrawlRequested.topic}")
    pubsub.check()
