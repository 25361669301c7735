"""Makes the topics and push subscriptions that the functions declare."""

from google.api_core.exceptions import AlreadyExists
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    PushConfig,
    RetryPolicy,
    Subscription,
)

from shared.contracts.manifest import ack_deadline
from shared.discovery import message_functions
from shared.messages import DeadLettered


def provision(project: str, worker_url: str) -> None:
    """Creates what is missing, and points every subscription at this run's worker."""
    publisher, subscriber = PublisherClient(), SubscriberClient()
    topics = {operation.message.topic for _, operation in message_functions()}
    topics |= {
        published.topic for _, operation in message_functions() for published in operation.publishes
    }
    for topic in sorted(topics | {DeadLettered.topic}):
        try:
            publisher.create_topic(name=f"projects/{project}/topics/{topic}")
        except AlreadyExists:
            continue
    for function, operation in message_functions():
        name = f"projects/{project}/subscriptions/{function.service}"
        push = PushConfig(push_endpoint=f"{worker_url}/{function.service}")
        subscription = Subscription(
            name=name,
            topic=f"projects/{project}/topics/{operation.message.topic}",
            push_config=push,
            ack_deadline_seconds=ack_deadline(operation),
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
            subscriber.modify_push_config(subscription=name, push_config=push)
