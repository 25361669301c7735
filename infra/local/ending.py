"""Signals that end the stack: to itself, or to the `make` that runs it.

docs/decisions/local-stack.md says why the second has to be looked for.
"""

import os
import signal
from pathlib import Path

_LOOK_EVERY = 0.5  # seconds


class EndedError(BaseException):
    """A signal asked for the end; unwinds a start that is not finished, too."""


def listen() -> None:
    """Raise `EndedError` in this thread when the end is asked for; once."""

    def end(*_: object) -> None:
        ignore_signals()  # a second Ctrl-C does not interrupt the stop
        raise EndedError

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is below nohup
        signal.signal(signal.SIGHUP, end)
    if _find_parent()[0] in ("make", "gmake"):
        signal.signal(signal.SIGALRM, lambda *_: end() if make_is_interrupted() else None)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY, _LOOK_EVERY)


def ignore_signals() -> None:
    """Go on to the end, whatever asks for it again."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # at its exit Python forgets what is ignored
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def make_is_interrupted() -> bool:
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
