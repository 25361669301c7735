"""Makes the topics and push subscriptions that the functions declare."""

from contextlib import suppress

from google.api_core.exceptions import AlreadyExists
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    PushConfig,
    RetryPolicy,
    Subscription,
)

from shared.contracts.manifest import build_manifest, to_ack_deadline
from shared.messaging.messages import DeadLettered
from shared.operations.discovery import list_message_functions

_CHANGEABLE = ["push_config", "ack_deadline_seconds", "retry_policy", "dead_letter_policy"]


def provision_topics(project: str, worker_url: str) -> None:
    """Create topics and subscriptions, point these at this run's worker, and remove old ones."""
    with PublisherClient() as publisher, SubscriberClient() as subscriber:
        _make_topics(publisher, project)
        _make_subscriptions(subscriber, project, worker_url)
        _remove_subscriptions(subscriber, project)


def _make_topics(publisher: PublisherClient, project: str) -> None:
    for topic in build_manifest()["topics"]:
        with suppress(AlreadyExists):
            publisher.create_topic(name=f"projects/{project}/topics/{topic}")


def _make_subscriptions(subscriber: SubscriberClient, project: str, worker_url: str) -> None:
    for function, operation in list_message_functions():
        subscription = Subscription(
            name=f"projects/{project}/subscriptions/{function.service}",
            topic=f"projects/{project}/topics/{operation.message.topic}",
            push_config=PushConfig(push_endpoint=f"{worker_url}/{function.service}"),
            ack_deadline_seconds=to_ack_deadline(operation),
            retry_policy=RetryPolicy(
                minimum_backoff=Duration(seconds=operation.retries.min_backoff),
                maximum_backoff=Duration(seconds=operation.retries.max_backoff),
            ),
        )
        if operation.message is not DeadLettered:
            subscription.dead_letter_policy = DeadLetterPolicy(
                dead_letter_topic=f"projects/{project}/topics/{DeadLettered.topic}",
                max_delivery_attempts=operation.retries.attempts,
            )
        try:
            subscriber.create_subscription(request=subscription)
        except AlreadyExists:
            mask = FieldMask(paths=_CHANGEABLE)
            subscriber.update_subscription(subscription=subscription, update_mask=mask)


def _remove_subscriptions(subscriber: SubscriberClient, project: str) -> None:
    """Remove those of functions that are gone; those that push elsewhere are somebody's own."""
    known = {function.service for function, _ in list_message_functions()}
    for found in list(subscriber.list_subscriptions(project=f"projects/{project}")):
        name = found.name.rpartition("/")[2]
        if name not in known and found.push_config.push_endpoint.endswith(f"/{name}"):
            subscriber.delete_subscription(subscription=found.name)
