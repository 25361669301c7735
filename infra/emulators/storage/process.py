"""A server in a child process, for tests and tools."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_ROOT = Path(__file__).parents[3]
_START_DEADLINE = 20.0  # seconds
_STOP_DEADLINE = 5.0  # seconds


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
        self.port = 0
        self._directory = directory
        self._arguments = [
            *(part for bucket in buckets for part in ("--bucket", bucket)),
            *(part for path in service_accounts for part in ("--service-account", str(path))),
            *(
                part
                for prefix, topic in (notify or {}).items()
                for part in ("--notify", f"{prefix}={topic}")
            ),
        ]
        self._environment = {**os.environ, **(environment or {}), "PYTHONPATH": str(_ROOT)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For STORAGE_EMULATOR_HOST and as `api_access_endpoint`."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when requests are answered. Raises `RuntimeError` when that does not happen."""
        command = [sys.executable, "-m", "infra.emulators.storage"]
        command += ["--directory", str(self._directory), "--port", str(self.port)]
        self._process = subprocess.Popen(
            command + self._arguments,
            env=self._environment,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101
        end = time.monotonic() + _START_DEADLINE
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self._process.stdout], [], [], end - time.monotonic())
            piece = os.read(self._process.stdout.fileno(), 1024) if readable else b""
            if not piece:
                self.kill()
                raise RuntimeError("The storage emulator did not start.")
            line += piece
        self.port = int(line.split()[1].rsplit(b":", 1)[1])

    def stop(self) -> None:
        """End the server the orderly way."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(_STOP_DEADLINE)
            finally:
                self.kill()

    def kill(self) -> None:
        """End the server's processes with SIGKILL, wherever they are."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):  # all of them have ended
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    def __enter__(self) -> "StorageServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
