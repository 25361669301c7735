"""Topics and subscriptions are made once and follow the declarations from then on."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.types import PushConfig, Subscription

from infra.emulators.pubsub import EmbeddedPubSub
from infra.local.topics import provision_topics
from shared.contracts.manifest import build_manifest


def test_provisioning_again_changes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPubSub() as pubsub:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub.address)
        provision_topics("p", "http://127.0.0.1:1")
        with SubscriberClient() as subscriber:
            name = "projects/p/subscriptions/crawler-fetch"
            before = subscriber.get_subscription(subscription=name)
            before.ack_deadline_seconds = 11
            subscriber.update_subscription(
                subscription=before, update_mask=FieldMask(paths=["ack_deadline_seconds"])
            )
            provision_topics("p", "http://127.0.0.1:2")
            after = subscriber.get_subscription(subscription=name)
        wanted = build_manifest()
        with PublisherClient() as publisher:
            for topic in wanted["topics"]:
                assert publisher.get_topic(topic=f"projects/p/topics/{topic}")
    function = wanted["functions"]["crawler-fetch"]["message"]
    assert after.push_config.push_endpoint == "http://127.0.0.1:2/crawler-fetch"
    assert after.ack_deadline_seconds == function["ack_deadline"]
    assert after.dead_letter_policy.max_delivery_attempts == function["attempts"]


def test_subscriptions_of_functions_that_are_no_more_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPubSub() as pubsub:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub.address)
        provision_topics("p", "http://127.0.0.1:1")
        with SubscriberClient() as subscriber:
            before = {one.name for one in subscriber.list_subscriptions(project="projects/p")}
            for name, endpoint in (
                ("old-function", "http://127.0.0.1:1/old-function"),
                ("my-own", "http://127.0.0.1:9/elsewhere"),
                ("my-pull", ""),
            ):
                subscriber.create_subscription(
                    request=Subscription(
                        name=f"projects/p/subscriptions/{name}",
                        topic="projects/p/topics/dead-letter",
                        push_config=PushConfig(push_endpoint=endpoint),
                    )
                )
            provision_topics("p", "http://127.0.0.1:2")
            after = {one.name for one in subscriber.list_subscriptions(project="projects/p")}
    own = {f"projects/p/subscriptions/{name}" for name in ("my-own", "my-pull")}
    assert after == before | own
