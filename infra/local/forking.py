"""Copies of this process: what is loaded here need not be loaded there once more."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import IO, NoReturn

_LOOK_EVERY = 0.01  # seconds
_LIBC = ctypes.CDLL(None)  # loaded here, because little is safe between fork and exec


class Fork:
    """A copy of this process that runs a function, in the words of `subprocess.Popen`.

    Make it while this process has one thread and no open connection: no thread lives on in a copy,
    and connections would be shared.
    """

    def __init__(
        self, run: Callable[[], object], environment: Mapping[str, str], output: IO[bytes]
    ) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            _go_on(run, environment, output.fileno())

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once it has ended. Raises `subprocess.TimeoutExpired`."""
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if timeout is not None and end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(_LOOK_EVERY)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def die_with_parent() -> None:
    """Have the kernel (on Linux) end a child whose parent was killed, which frees its port."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        _LIBC.prctl(pr_set_pdeathsig, signal.SIGKILL)


def _go_on(run: Callable[[], object], environment: Mapping[str, str], output: int) -> NoReturn:
    """Run a function in the copy, apart from its parent's signals and files; never return."""
    status = 1
    try:
        os.setsid()
        die_with_parent()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, max(map(int, os.listdir("/dev/fd"))) + 1)
        os.environ.clear()
        os.environ.update(environment)
        run()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # whatever it is, the copy must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
