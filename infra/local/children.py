"""Child processes of the stack: started, awaited, and stopped within a deadline."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.local.forking import Fork, die_with_parent

STOP_GRACE = 4.0  # seconds between SIGTERM and SIGKILL


class StackError(RuntimeError):
    """The stack cannot start; the message says what to do."""


class Child:
    """One child process, with its output in a log file: a command, or a function in a `Fork`."""

    def __init__(
        self,
        name: str,
        work: Sequence[str] | Callable[[], object],
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.name = name
        self.log = log
        self._ending = False
        self.process: subprocess.Popen[bytes] | Fork
        with log.open("ab") as output:
            if callable(work):
                self.process = Fork(work, environment, output)
                return
            self.process = subprocess.Popen(
                work,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def is_running(self) -> bool:
        """Return whether the process is alive."""
        return self.process.poll() is None

    def terminate(self) -> None:
        """Ask the process to end."""
        if not self._ending and self.is_running():
            self.process.terminate()
            self._ending = True

    def stop(self) -> None:
        """End the process and everything that it has started."""
        self.terminate()
        if not self._ending:
            return  # it ended long ago; its number may be another's by now
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._ending = False

    def await_ready(self, ready: Callable[[], bool], deadline: float = 30.0) -> None:
        """Return when `ready` does; raise `StackError` if the process ends or takes too long."""
        end = time.monotonic() + deadline
        while not ready():
            if not self.is_running():
                raise StackError(f"{self.name} ended at once; see {self.log}.")
            if time.monotonic() > end:
                raise StackError(
                    f"{self.name} is not ready after {deadline:.0f} s; see {self.log}."
                )
            time.sleep(0.02)


def is_accepting(port: int) -> bool:
    """Return whether something on this machine listens at a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_free(port: int) -> bool:
    """Return whether a server could listen at a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """Return a port that nobody listens at.

    Below the range from which systems take ports for outgoing connections: one of those could
    occupy it before its server starts.
    """
    return next(port for port in random.sample(range(20_000, 32_768), 1000) if is_free(port))
