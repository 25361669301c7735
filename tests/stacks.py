"""A whole stack in a process of its own, as `make up` starts it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import pixmill
import psutil
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.types import PubsubMessage

from infra.demo.account import fetch_content, open_account
from infra.local.addresses import Addresses
from infra.local.children import find_free_port
from shared.messaging.messages import Message

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 90
_CLEARED = (
    *("DATABASE_URL", "PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "PIXMILL_POOL_SIZE"),
    "GRPC_ENABLE_FORK_SUPPORT",
)


class RunningStack:
    """Starts on a free port with its data in a directory; can be stopped, killed and started."""

    def __init__(self, state: Path, **settings: str) -> None:
        self.state = state
        self.port = find_free_port()
        self._settings = settings
        self.process: subprocess.Popen[str] | None = None
        self._clients: list[pixmill.Client] = []
        self._output = state.parent / f"{state.name}.log"

    def start(self) -> "RunningStack":
        """Return when the stack says that it runs."""
        environment = {
            name: value for name, value in os.environ.items() if name not in _CLEARED
        } | {"PIXMILL_PORT": str(self.port), "PIXMILL_STATE": str(self.state), **self._settings}
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local"],
                cwd=_ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                text=True,
            )
        wait_for_value(self._runs, _START_SECONDS)
        return self

    def _runs(self) -> bool:
        said = self._output.read_text()
        assert self.process is not None
        assert self.process.poll() is None, said
        return "Ctrl-C stops it" in said

    @property
    def addresses(self) -> Addresses:
        """Return where its parts are."""
        found = Addresses.read(self.state)
        assert found is not None
        return found

    def client(self) -> "StackClient":
        """Return a client of its API, for somebody new."""
        client = open_account(self.addresses.base_url, "user")
        self._clients.append(client)
        return StackClient(client)

    def tree(self) -> list[psutil.Process]:
        """Return the stack's process and all below it."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def workers(self) -> list[psutil.Process]:
        """Return the processes that handle messages, without their parent."""
        port = urlsplit(self.addresses.worker_url).port
        parts = self.tree()[0].children()
        return next(one for one in parts if port in _list_ports(one)).children()

    def publish(self, message: type[Message]) -> None:
        """Publish a message as a schedule would."""
        with grpc.insecure_channel(self.addresses.pubsub_emulator_host) as channel:
            client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            client.publish(
                topic=f"projects/{self.addresses.project}/topics/{message.topic}",
                messages=[PubsubMessage(data=b"{}")],
            )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Signal the stack; return its exit status and the seconds that it took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        return status, time.monotonic() - started

    def kill(self) -> None:
        """Kill -9 for everything at once."""
        tree = self.tree()
        for process in tree:
            process.kill()
        psutil.wait_procs(tree[1:], timeout=10)
        assert self.process is not None
        self.process.wait(30)

    def close(self) -> None:
        """End whatever still runs."""
        for client in self._clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.stop()


class StackClient:
    """Asks for addresses of the API as they are written; answers are plain JSON."""

    def __init__(self, client: pixmill.Client) -> None:
        self._client = client

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON at an address."""
        return self._client.send(pixmill.Call("GET", path, query))

    def post(self, path: str, body: Any = None) -> Any:
        """Post JSON."""
        return self._client.send(pixmill.Call("POST", path, body=body or {}))

    def delete(self, path: str) -> None:
        """Delete what is at an address."""
        self._client.send(pixmill.Call[None]("DELETE", path))

    def list_all(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield every item of a list, page by page."""
        yield from self._client.iterate(pixmill.Call("GET", path, {"limit": 200, **query}))

    def watch(self, path: str, *, deadline: float = 900) -> Iterator[Any]:
        """Yield a job as it goes on, until its end; fail the test after so many seconds."""
        end = time.monotonic() + deadline
        while True:
            job = self.get(path)
            yield job
            if job["status"] in ("completed", "failed", "cancelled"):
                return
            assert time.monotonic() < end, f"{path} has not ended after {deadline:.0f} s"
            time.sleep(0.3)

    def upload(self, project_id: str, name: str, data: bytes) -> str:
        """Send a file through a signed address; return its image's id when it is processed."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(data)
            return self._client.get_project(project_id).upload(file)["id"]

    def get_content(self, image_id: str, variant: str) -> bytes:
        """Return the bytes of an image's variant."""
        return fetch_content(self._client, image_id, variant)

    @property
    def authorization(self) -> str:
        """Return the header of that name, with a key of the account."""
        key: Any = self.post("/v1/api-keys", {"name": "own"})
        return f"Bearer {key['key']}"


def _list_ports(process: psutil.Process) -> list[int]:
    """Return the ports at which a process listens; none where it has ended meanwhile."""
    try:
        return [one.laddr.port for one in process.net_connections("tcp") if not one.raddr]
    except psutil.Error:
        return []


@contextmanager
def temporary_state() -> Iterator[Path]:
    """Yield a directory for a stack's data that other accounts may pass through.

    pytest's own are private to the account that runs the tests, and PostgreSQL refuses to be root.
    """
    with tempfile.TemporaryDirectory(prefix="pixmill-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "state"


def wait_for_value(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Return the condition's first true value; fail the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
    return value


def await_job(client: StackClient, path: str, seconds: float = 120) -> dict[str, Any]:
    """Return a job's last state."""
    last: dict[str, Any] = {}
    for state in client.watch(path, deadline=seconds):
        last = state
    return last
