"""The gRPC services google.pubsub.v1.Publisher and Subscriber over a broker."""

from collections.abc import Callable
from typing import Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty

from infra.emulators.pubsub import limits, wire
from infra.emulators.pubsub.broker import Broker
from infra.emulators.pubsub.errors import StatusError, make_unimplemented_error

_PATIENCE = 60.0
_ANSWER_MARGIN = 0.2


class PubSubService(grpc.GenericRpcHandler):  # type: ignore[misc]
    """The methods that are here; every other answers UNIMPLEMENTED."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        publisher, subscriber = "/google.pubsub.v1.Publisher", "/google.pubsub.v1.Subscriber"
        self._methods = {
            f"{publisher}/CreateTopic": _unary(self._create_topic, wire.Topic),
            f"{publisher}/GetTopic": _unary(self._get_topic, wire.GetTopicRequest),
            f"{publisher}/Publish": _unary(self._publish, wire.PublishRequest),
            f"{subscriber}/CreateSubscription": _unary(self._create, wire.Subscription),
            f"{subscriber}/GetSubscription": _unary(self._get, wire.GetSubscriptionRequest),
            f"{subscriber}/UpdateSubscription": _unary(
                self._update, wire.UpdateSubscriptionRequest
            ),
            f"{subscriber}/DeleteSubscription": _unary(
                self._delete, wire.DeleteSubscriptionRequest
            ),
            f"{subscriber}/ListSubscriptions": _unary(self._list, wire.ListSubscriptionsRequest),
            f"{subscriber}/Pull": _unary(self._pull, wire.PullRequest),
            f"{subscriber}/Acknowledge": _unary(self._acknowledge, wire.AcknowledgeRequest),
            f"{subscriber}/ModifyAckDeadline": _unary(
                self._modify_ack_deadline, wire.ModifyAckDeadlineRequest
            ),
        }

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of a method."""
        method = handler_call_details.method
        return self._methods.get(method) or _refuse_method(method)

    def _create_topic(self, request: Any, _context: Any) -> Any:
        return self._broker.create_topic(request)

    def _get_topic(self, request: Any, _context: Any) -> Any:
        return self._broker.get_topic(request.topic)

    def _publish(self, request: Any, _context: Any) -> Any:
        limits.check_name("topics", request.topic)
        limits.check_messages(request)
        ids = self._broker.publish(request.topic, request.messages)
        return wire.PublishResponse(message_ids=ids)

    def _create(self, request: Any, _context: Any) -> Any:
        return self._broker.create_subscription(request)

    def _get(self, request: Any, _context: Any) -> Any:
        return self._broker.get_subscription(request.subscription).config

    def _update(self, request: Any, _context: Any) -> Any:
        return self._broker.update_subscription(request.subscription, request.update_mask.paths)

    def _delete(self, request: Any, _context: Any) -> Any:
        self._broker.delete_subscription(request.subscription)
        return Empty()

    def _list(self, request: Any, _context: Any) -> Any:
        if request.page_size or request.page_token:
            raise make_unimplemented_error("A list in pages")
        found = self._broker.list_subscriptions(request.project)
        return wire.ListSubscriptionsResponse(subscriptions=found)

    def _pull(self, request: Any, context: Any) -> Any:
        context.add_callback(lambda: self._broker.wake(request.subscription))
        left = context.time_remaining() or _PATIENCE
        patience = 0.0 if request.return_immediately else min(left - _ANSWER_MARGIN, _PATIENCE)
        pulled = self._broker.pull(
            request.subscription, request.max_messages, patience, context.is_active
        )
        response = wire.PullResponse()
        for delivery, attempt in pulled:
            response.received_messages.add(
                ack_id=delivery.ack_id, message=delivery.message, delivery_attempt=attempt
            )
        return response

    def _acknowledge(self, request: Any, _context: Any) -> Any:
        self._broker.acknowledge(request.subscription, request.ack_ids)
        return Empty()

    def _modify_ack_deadline(self, request: Any, _context: Any) -> Any:
        self._broker.modify_ack_deadline(
            request.subscription, request.ack_ids, request.ack_deadline_seconds
        )
        return Empty()


def _unary(act: Callable[[Any, Any], Any], request_class: Any) -> Any:
    def answer(request: Any, context: Any) -> Any:
        try:
            return act(request, context)
        except StatusError as refused:
            return context.abort(refused.code, refused.detail)

    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=request_class.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _refuse_method(method: str) -> Any:
    def answer(_requests: Any, context: Any) -> NoReturn:
        refused = make_unimplemented_error(method.rpartition("/")[2])
        context.abort(refused.code, refused.detail)
        raise refused

    return grpc.stream_stream_rpc_method_handler(answer)
