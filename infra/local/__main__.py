"""`python -m infra.local`: starts the system and stays until it is told to end."""

import os
import signal
import sys
import time
from pathlib import Path

from infra.local.children import Child, StackError
from infra.local.choices import Choices
from infra.local.stack import Stack

_LOOK_EVERY = 0.5  # seconds


class EndedError(BaseException):
    """A signal asked for the end; unwinds a start that is not finished, too."""


def main() -> int:
    """Return the process's exit status."""
    _listen()
    failed: Child | None = None
    stack: Stack | None = None
    try:
        stack = Stack(Choices.read(os.environ))
        addresses = stack.start()
        print(f"Pixmill runs at   {addresses.base_url}")
        print(f"database          {addresses.database_url}")
        print(f"Pub/Sub           {addresses.pubsub_emulator_host}")
        print(f"Cloud Storage     {addresses.storage_emulator_host}")
        print("Ctrl-C stops it; the data stays.", flush=True)
        while (failed := stack.find_dead()) is None:
            time.sleep(1)
    except StackError as error:
        print(f"pixmill: {error}", file=sys.stderr)
        return 1
    except EndedError:
        pass
    finally:
        _ignore()
    if stack is not None:
        stack.stop()
    if failed is not None:
        print(f"pixmill: {failed.name} has ended; see {failed.log}.", file=sys.stderr)
        return 1
    return 0


def _listen() -> None:
    def end(*_: object) -> None:
        _ignore()  # a second Ctrl-C does not interrupt the stop
        raise EndedError

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is below nohup
        signal.signal(signal.SIGHUP, end)
    if _find_parent()[0] in ("make", "gmake"):
        signal.signal(signal.SIGALRM, lambda *_: end() if _make_is_interrupted() else None)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY, _LOOK_EVERY)


def _ignore() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)  # at its exit Python forgets what is ignored
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def _make_is_interrupted() -> bool:
    """Return whether the `make` that runs this got a SIGINT for itself alone.

    It passes SIGTERM on, but after SIGINT, which it then blocks, only waits for us to end.
    """
    return bool(_find_parent()[1] >> (signal.SIGINT - 1) & 1)


def _find_parent() -> tuple[str, int]:
    """Return the name of the parent process and a bit for each signal that it blocks, on Linux.

    Other parents block signals for a moment, as Python does whenever it starts a process.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return "", 0
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return fields["Name"], int(fields["SigBlk"], 16)


if __name__ == "__main__":
    raise SystemExit(main())
