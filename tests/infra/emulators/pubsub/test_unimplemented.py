"""Features that the embedded emulator lacks are refused, and do nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import MethodNotImplemented
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.types import PubsubMessage, SeekRequest, StreamingPullRequest, Topic

from tests.infra.emulators.pubsub.client import PROJECT, PubSubClients

METHODS: list[Callable[[PubSubClients, str], Any]] = [
    lambda pubsub, name: pubsub.subscriber.seek(
        request=SeekRequest(subscription=name, time={"seconds": 1})
    ),
    lambda pubsub, name: pubsub.subscriber.modify_push_config(subscription=name, push_config={}),
    lambda pubsub, name: pubsub.subscriber.create_snapshot(
        name=f"{PROJECT}/snapshots/x", subscription=name
    ),
    lambda pubsub, name: next(
        iter(
            SubscriberClient.streaming_pull(
                pubsub.subscriber, requests=iter([StreamingPullRequest(subscription=name)])
            )
        )
    ),
    lambda pubsub, _: pubsub.publisher.list_topics(project=PROJECT),
    lambda pubsub, _: pubsub.publisher.delete_topic(topic=f"{PROJECT}/topics/x"),
    lambda pubsub, _: pubsub.publisher.update_topic(
        topic=Topic(name=f"{PROJECT}/topics/x"), update_mask={"paths": ["labels"]}
    ),
    lambda pubsub, _: pubsub.subscriber.list_subscriptions(
        request={"project": PROJECT, "page_size": 1}
    ),
]


@pytest.mark.parametrize("call", METHODS)
def test_methods(pubsub: PubSubClients, call: Callable[[PubSubClients, str], Any]) -> None:
    subscription = pubsub.create_subscription(pubsub.create_topic())
    with pytest.raises(MethodNotImplemented, match="is not part of this emulator"):
        call(pubsub, subscription)


@pytest.mark.parametrize(
    "config",
    [
        {"filter": "attributes:x"},
        {"enable_message_ordering": True},
        {"enable_exactly_once_delivery": True},
        {"message_retention_duration": {"seconds": 600}},
        {"retain_acked_messages": True},
        {"labels": {"a": "b"}},
        {"push_config": {"push_endpoint": "http://h/", "no_wrapper": {}}},
        {"push_config": {"push_endpoint": "http://h/", "oidc_token": {"audience": "x"}}},
        {"cloud_storage_config": {"bucket": "x"}},
    ],
)
def test_settings_of_subscriptions(pubsub: PubSubClients, config: dict[str, Any]) -> None:
    topic = pubsub.create_topic()
    with pytest.raises(MethodNotImplemented, match="is not part of this emulator"):
        pubsub.create_subscription(topic, **config)


def test_settings_of_topics_and_messages(pubsub: PubSubClients) -> None:
    labelled = Topic(name=f"{PROJECT}/topics/labelled", labels={"a": "b"})
    with pytest.raises(MethodNotImplemented, match=r"Topic\.labels"):
        pubsub.publisher.create_topic(request=labelled)
    with pytest.raises(MethodNotImplemented, match=r"PubsubMessage\.ordering_key"):
        pubsub.publish(pubsub.create_topic(), PubsubMessage(data=b"x", ordering_key="k"))
