"""StreamingPull: leases go out on one side of the stream, acknowledgements come in on the other."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc

from infra.emulators.pubsub import wire
from infra.emulators.pubsub.broker import Broker
from infra.emulators.pubsub.errors import Refused, invalid

_BATCH = 100


class Stream:
    """One client's stream; its limits are those of the first request."""

    def __init__(self, broker: Broker, first: Any, requests: Iterator[Any], context: Any) -> None:
        if not 10 <= first.stream_ack_deadline_seconds <= 600:
            raise invalid("stream_ack_deadline_seconds out of bounds: 10 to 600")
        self._broker = broker
        self._context = context
        self._requests = requests
        self._name = first.subscription
        self._lease = first.stream_ack_deadline_seconds
        self._max_messages: int = first.max_outstanding_messages
        self._max_bytes: int = first.max_outstanding_bytes
        self._outstanding: dict[str, int] = {}
        self._refused: Refused | None = None
        broker.subscription(self._name)
        self._accept(first)

    def responses(self) -> Iterator[Any]:
        """Messages as they come due, until the client leaves or sends something wrong."""
        self._context.add_callback(lambda: self._broker.wake(self._name))
        threading.Thread(target=self._read, daemon=True).start()
        while batch := self._next():
            yield batch
        if self._refused:
            raise self._refused
        if self._broker.closed:  # the client library connects again after this status
            raise Refused(grpc.StatusCode.UNAVAILABLE, "The emulator is stopping.")

    def _next(self) -> Any:
        with self._broker.lock:
            while not self._broker.closed and not self._refused and self._context.is_active():
                subscription = self._broker.subscription(self._name)
                self._outstanding = {
                    ack_id: size
                    for ack_id, size in self._outstanding.items()
                    if subscription.is_leased(ack_id)
                }
                room = self._room()
                if taken := subscription.take(room, self._lease):
                    response = wire.StreamingPullResponse()
                    for delivery in taken:
                        self._outstanding[delivery.ack_id] = delivery.message.ByteSize()
                        response.received_messages.add(
                            ack_id=delivery.ack_id,
                            message=delivery.message,
                            delivery_attempt=subscription.attempt(delivery),
                        )
                    return response
                subscription.wait(for_due=room > 0)
            self._broker.wake(self._name)
            return None

    def _room(self) -> int:
        if 0 < self._max_bytes <= sum(self._outstanding.values()):
            return 0
        if self._max_messages > 0:
            return max(0, min(_BATCH, self._max_messages - len(self._outstanding)))
        return _BATCH

    def _read(self) -> None:
        try:
            for request in self._requests:
                self._accept(request)
        except Refused as refused:
            self._refused = refused
            self._broker.wake(self._name)
        except grpc.RpcError:
            return  # the client has left

    def _accept(self, request: Any) -> None:
        if len(request.modify_deadline_ack_ids) != len(request.modify_deadline_seconds):
            raise invalid("modify_deadline_ack_ids and modify_deadline_seconds differ in length")
        if request.stream_ack_deadline_seconds:
            self._lease = request.stream_ack_deadline_seconds
        if request.ack_ids:
            self._broker.acknowledge(self._name, request.ack_ids)
        for ack_id, lease in zip(
            request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True
        ):
            self._broker.modify_ack_deadline(self._name, [ack_id], lease)
