"""The pace of searches: engines are asked in turn, and none oftener than it may be."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

_TICK = 0.1


class SearchPace:
    """One search at a time in a process, `interval` seconds apart for each engine.

    Wikimedia asks for requests in series (API:Etiquette), Openverse for one a second.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._turn = threading.Lock()
        self._open_at: dict[str, float] = {}

    @contextmanager
    def take_turn(self, engines: Collection[str], check: Callable[[], None]) -> Iterator[None]:
        """Wait for a turn at these engines and keep it; `check` may raise meanwhile."""
        while not self._turn.acquire(timeout=_TICK):
            check()
        try:
            wait_until(max((self._open_at.get(name, 0.0) for name in engines), default=0), check)
            yield
        finally:
            self._open_at |= dict.fromkeys(engines, monotonic() + self._interval)
            self._turn.release()


def wait_until(moment: float, check: Callable[[], None]) -> None:
    """Wait until a `time.monotonic()` moment; `check` is called often and may raise."""
    while (left := moment - monotonic()) > 0:
        check()
        sleep(min(left, _TICK))
