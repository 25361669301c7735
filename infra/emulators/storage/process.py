"""A server in a child process, for tests and tools."""

import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from infra.local.children import Child, find_free_port, is_accepting

_ROOT = Path(__file__).parents[3]


class StorageServer:
    """Starts on a free port, and on the same one again after a stop or kill."""

    def __init__(
        self,
        directory: Path,
        *,
        buckets: Sequence[str] = (),
        service_accounts: Sequence[Path] = (),
        notify: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = find_free_port()
        self._log = directory.with_suffix(".log")
        self._command = [
            *(sys.executable, "-m", "infra.emulators.storage", "--directory", str(directory)),
            *("--port", str(self.port)),
            *(part for bucket in buckets for part in ("--bucket", bucket)),
            *(part for path in service_accounts for part in ("--service-account", str(path))),
            *(
                part
                for prefix, topic in (notify or {}).items()
                for part in ("--notify", f"{prefix}={topic}")
            ),
        ]
        self._environment = {**os.environ, **(environment or {}), "PYTHONPATH": str(_ROOT)}
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """For STORAGE_EMULATOR_HOST and as `api_access_endpoint`."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when it listens. Raise `StackError` when that does not happen."""
        self.child = Child("the storage emulator", self._command, self._environment, self._log)
        self.child.await_ready(lambda: is_accepting(self.port))

    def stop(self) -> None:
        """End the server the orderly way."""
        if self.child:
            self.child.stop()
            self.child = None

    def kill(self) -> None:
        """End the server's processes with SIGKILL, wherever they are."""
        if self.child:
            with contextlib.suppress(ProcessLookupError):  # all of them have ended
                os.killpg(self.child.process.pid, signal.SIGKILL)
            self.child.process.wait()
            self.child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
