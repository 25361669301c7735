"""The emulator as a process: gunicorn with one worker and many threads, on 127.0.0.1 only."""

import fcntl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread

from infra.emulators.storage.app import Application
from infra.emulators.storage.emulator import Emulator
from infra.emulators.storage.sender import Sender
from infra.emulators.storage.signing import Verifier

_LOCK_DEADLINE = 10.0  # seconds; a killed server's worker notices within one


@dataclass(frozen=True)
class ServerOptions:
    """Settings; `notify` maps prefixes of object names to topics (`projects/P/topics/T`)."""

    directory: Path
    port: int = 0
    buckets: tuple[str, ...] = ()
    service_accounts: tuple[Path, ...] = ()
    notify: Mapping[str, str] = field(default_factory=dict)
    threads: int = 32


def serve(options: ServerOptions) -> None:
    """Run until SIGTERM or SIGINT."""
    options.directory.mkdir(parents=True, exist_ok=True)
    # The worker inherits the lock, so it is held until the last process with the files open ends.
    with (options.directory / "lock").open("w") as lock:
        _lock(lock)
        # Idle connections would hold up the end for longer than the grace of one second.
        gthread.STOP_KEEPALIVE_LINGER = 0.2
        _Gunicorn(options).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._base_url = ""
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"127.0.0.1:{self._options.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._options.threads,
            "keepalive": 75,
            "timeout": 0,
            "graceful_timeout": 1,
            "limit_request_line": 8190,  # a name of 1024 bytes, percent-encoded, and a signature
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": self._note_port,
            "post_worker_init": self._ready,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        """Make the application in the worker: nothing that is open is carried through a fork."""
        options = self._options
        emulator = Emulator(options.directory, self._base_url, options.notify)
        for bucket in options.buckets:
            emulator.buckets.ensure(bucket)
        Sender(emulator.notifications).start()
        return Application(emulator, Verifier(options.service_accounts))

    def _note_port(self, arbiter: object, worker: Any) -> None:
        port = worker.sockets[0].getsockname()[1]
        self._base_url = f"http://127.0.0.1:{port}"

    def _ready(self, worker: object) -> None:
        print(f"ready {self._base_url}", flush=True)


def _lock(lock: IO[str]) -> None:
    end = time.monotonic() + _LOCK_DEADLINE
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"Another server uses {Path(lock.name).parent}.") from None
            time.sleep(0.05)
