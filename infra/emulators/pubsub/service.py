"""The gRPC services google.pubsub.v1.Publisher and Subscriber over a broker."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from infra.emulators.pubsub import limits, wire
from infra.emulators.pubsub.broker import Broker
from infra.emulators.pubsub.errors import Refused, invalid, unsupported
from infra.emulators.pubsub.streaming import Stream

_PATIENCE = 60.0
_ANSWER_MARGIN = 0.2
_DEFAULT_PAGE = 1_000


class Publisher:
    """google.pubsub.v1.Publisher: methods that are not here answer UNIMPLEMENTED."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def create_topic(self, request: Any, _context: Any) -> Any:
        return self._broker.create_topic(request)

    def get_topic(self, request: Any, _context: Any) -> Any:
        return self._broker.topic(request.topic)

    def update_topic(self, request: Any, _context: Any) -> Any:
        return self._broker.update_topic(request.topic, request.update_mask.paths)

    def delete_topic(self, request: Any, _context: Any) -> Any:
        self._broker.delete_topic(request.topic)
        return wire.Empty()

    def list_topics(self, request: Any, _context: Any) -> Any:
        topics, token = _page(self._broker.topics(request.project), request)
        return wire.ListTopicsResponse(topics=topics, next_page_token=token)

    def list_topic_subscriptions(self, request: Any, _context: Any) -> Any:
        found, token = _page(self._broker.subscriptions(topic=request.topic), request)
        names = [config.name for config in found]
        return wire.ListTopicSubscriptionsResponse(subscriptions=names, next_page_token=token)

    def publish(self, request: Any, _context: Any) -> Any:
        limits.check_name("topics", request.topic)
        limits.check_messages(request)
        ids = self._broker.publish(request.topic, request.messages)
        return wire.PublishResponse(message_ids=ids)

    def handler(self) -> Any:
        """For `grpc.Server.add_generic_rpc_handlers`."""
        return grpc.method_handlers_generic_handler(
            "google.pubsub.v1.Publisher",
            {
                "CreateTopic": _unary(self.create_topic, wire.Topic),
                "GetTopic": _unary(self.get_topic, wire.GetTopicRequest),
                "UpdateTopic": _unary(self.update_topic, wire.UpdateTopicRequest),
                "DeleteTopic": _unary(self.delete_topic, wire.DeleteTopicRequest),
                "ListTopics": _unary(self.list_topics, wire.ListTopicsRequest),
                "ListTopicSubscriptions": _unary(
                    self.list_topic_subscriptions, wire.ListTopicSubscriptionsRequest
                ),
                "Publish": _unary(self.publish, wire.PublishRequest),
            },
        )


class Subscriber:
    """google.pubsub.v1.Subscriber: methods that are not here answer UNIMPLEMENTED."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def create_subscription(self, request: Any, _context: Any) -> Any:
        return self._broker.create_subscription(request)

    def get_subscription(self, request: Any, _context: Any) -> Any:
        return self._broker.subscription(request.subscription).config

    def update_subscription(self, request: Any, _context: Any) -> Any:
        return self._broker.update_subscription(request.subscription, request.update_mask.paths)

    def delete_subscription(self, request: Any, _context: Any) -> Any:
        self._broker.delete_subscription(request.subscription)
        return wire.Empty()

    def list_subscriptions(self, request: Any, _context: Any) -> Any:
        found, token = _page(self._broker.subscriptions(project=request.project), request)
        return wire.ListSubscriptionsResponse(subscriptions=found, next_page_token=token)

    def modify_push_config(self, request: Any, _context: Any) -> Any:
        self._broker.modify_push_config(request.subscription, request.push_config)
        return wire.Empty()

    def pull(self, request: Any, context: Any) -> Any:
        context.add_callback(lambda: self._broker.wake(request.subscription))
        left = context.time_remaining() or _PATIENCE
        patience = 0.0 if request.return_immediately else min(left - _ANSWER_MARGIN, _PATIENCE)
        taken = self._broker.pull(
            request.subscription, request.max_messages, patience, context.is_active
        )
        response = wire.PullResponse()
        for delivery, attempt in taken:
            response.received_messages.add(
                ack_id=delivery.ack_id, message=delivery.message, delivery_attempt=attempt
            )
        return response

    def acknowledge(self, request: Any, _context: Any) -> Any:
        self._broker.acknowledge(request.subscription, request.ack_ids)
        return wire.Empty()

    def modify_ack_deadline(self, request: Any, _context: Any) -> Any:
        self._broker.modify_ack_deadline(
            request.subscription, request.ack_ids, request.ack_deadline_seconds
        )
        return wire.Empty()

    def streaming_pull(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        try:
            for first in requests:
                yield from Stream(self._broker, first, requests, context).responses()
        except Refused as refused:
            context.abort(refused.code, refused.detail)

    def seek(self, request: Any, _context: Any) -> Any:
        if not request.HasField("time"):
            raise unsupported("Seek to a snapshot")
        self._broker.seek(request.subscription, request.time.ToNanoseconds() / 1e9)
        return wire.SeekResponse()

    def handler(self) -> Any:
        """For `grpc.Server.add_generic_rpc_handlers`."""
        return grpc.method_handlers_generic_handler(
            "google.pubsub.v1.Subscriber",
            {
                "CreateSubscription": _unary(self.create_subscription, wire.Subscription),
                "GetSubscription": _unary(self.get_subscription, wire.GetSubscriptionRequest),
                "UpdateSubscription": _unary(
                    self.update_subscription, wire.UpdateSubscriptionRequest
                ),
                "DeleteSubscription": _unary(
                    self.delete_subscription, wire.DeleteSubscriptionRequest
                ),
                "ListSubscriptions": _unary(self.list_subscriptions, wire.ListSubscriptionsRequest),
                "ModifyPushConfig": _unary(self.modify_push_config, wire.ModifyPushConfigRequest),
                "Pull": _unary(self.pull, wire.PullRequest),
                "Acknowledge": _unary(self.acknowledge, wire.AcknowledgeRequest),
                "ModifyAckDeadline": _unary(
                    self.modify_ack_deadline, wire.ModifyAckDeadlineRequest
                ),
                "StreamingPull": grpc.stream_stream_rpc_method_handler(
                    self.streaming_pull,
                    request_deserializer=wire.StreamingPullRequest.FromString,
                    response_serializer=wire.StreamingPullResponse.SerializeToString,
                ),
                "Seek": _unary(self.seek, wire.SeekRequest),
            },
        )


def _unary(act: Callable[[Any, Any], Any], request_class: Any) -> Any:
    def answer(request: Any, context: Any) -> Any:
        try:
            return act(request, context)
        except Refused as refused:
            return context.abort(refused.code, refused.detail)

    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=request_class.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _page(resources: list[Any], request: Any) -> tuple[list[Any], str]:
    """Return the resources after the page token, which is the last name of the page before."""
    if request.page_size < 0:
        raise invalid("page_size must not be negative")
    rest = [resource for resource in resources if resource.name > request.page_token]
    size = request.page_size or _DEFAULT_PAGE
    return rest[:size], rest[size - 1].name if len(rest) > size else ""
