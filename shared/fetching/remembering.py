"""A memory that forgets what was used the longest time ago, and what is too old."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SizedMemory(Generic[Value]):
    """Values by key, each for a number of seconds, together of no more than `max_size`.

    The last value is kept whatever its size. `clock` gives seconds.
    """

    def __init__(self, max_size: int, clock: Callable[[], float]) -> None:
        self._max_size = max_size
        self._clock = clock
        self._entries: OrderedDict[str, tuple[Value, int, float]] = OrderedDict()
        self._size = 0

    def find(self, key: str) -> Value | None:
        """Return a value, or None when it is not known or too old."""
        entry = self._entries.get(key)
        return self.get(key) if entry and entry[2] > self._clock() else None

    def get(self, key: str) -> Value | None:
        """Return a value however old it is, or None when it is not known."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key][0]

    def keep(self, key: str, value: Value, size: int, seconds: float) -> None:
        """Remember a value for so many seconds in the place of an earlier one."""
        _, old_size, _ = self._entries.pop(key, (None, 0, 0.0))
        self._entries[key] = (value, size, self._clock() + seconds)
        self._size += size - old_size
        while self._size > self._max_size and len(self._entries) > 1:
            _, (_, forgotten, _) = self._entries.popitem(last=False)
            self._size -= forgotten
