"""The embedded emulator: a gRPC server in this process, with pushes in threads beside it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import grpc

from infra.emulators.pubsub.broker import Broker
from infra.emulators.pubsub.faults import DeliveryFaults
from infra.emulators.pubsub.journal import Journal
from infra.emulators.pubsub.push import Pusher
from infra.emulators.pubsub.service import PubSubService

_MAX_RPCS = 256
_STOP_GRACE = 0.5
_OPTIONS = (
    ("grpc.so_reuseport", 0),
    # Above the 10 MB of a publish request, so that a larger one gets the service's answer.
    ("grpc.max_receive_message_length", 32 * 1024 * 1024),
    ("grpc.max_send_message_length", -1),
    # The subscriber client pings every 30 s; the default would disconnect it for that.
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class EmbeddedPubSub:
    """Pub/Sub for `PUBSUB_EMULATOR_HOST`, in memory or, with a directory, durable over a kill."""

    def __init__(
        self,
        port: int = 0,
        directory: Path | None = None,
        faults: DeliveryFaults | None = None,
        *,
        window: int = 8,
        host: str = "127.0.0.1",
    ) -> None:
        self.host = host
        self.port = port
        self.faults = faults or DeliveryFaults()
        self._directory = directory
        self._window = window
        self._stop: Any = None

    @property
    def address(self) -> str:
        """`host:port`, the value for `PUBSUB_EMULATOR_HOST`."""
        return f"{self.host}:{self.port}"

    def start(self) -> Self:
        """Bring back what the directory keeps, then serve; port 0 becomes a free one.

        Raises OSError when the port cannot be had, BlockingIOError when the directory is used.
        """
        journal = Journal(self._directory) if self._directory else None
        broker = Broker(journal, self.faults)
        pusher = Pusher(broker, self.faults, self._window)
        executor = ThreadPoolExecutor(_MAX_RPCS)
        server = grpc.server(executor, options=_OPTIONS)
        server.add_generic_rpc_handlers((PubSubService(broker),))

        def stop() -> None:
            broker.close()
            server.stop(_STOP_GRACE).wait()
            pusher.close(_STOP_GRACE)
            executor.shutdown()
            if journal:
                journal.close()

        try:
            self.port = server.add_insecure_port(self.address)
        except RuntimeError as error:
            stop()
            raise OSError(f"{self.address} cannot be listened at") from error
        broker.attend = pusher.attend
        broker.attend_all()
        server.start()
        self._stop = stop
        return self

    def stop(self) -> None:
        """End within two seconds. Requests under way that do not end are cut and come again."""
        if self._stop:
            self._stop()
            self._stop = None

    def __enter__(self) -> Self:
        return self if self._stop else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
