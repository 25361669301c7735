"""Puts objects that are named by their content, and makes sure that they are there to be named."""

import threading
from collections.abc import Iterable

from shared.storage.bucket import Storage

# What a name stands for never changes; browsers keep it for about as long as its address works.
_CACHE_CONTROL = "private, max-age=3600"


class ObjectVanishedError(Exception):
    """An object was removed before it got its row; it is written again by another attempt."""


class ObjectWriter:
    """Puts objects for rows that are written later; several threads may use it at once.

    An object that is in the bucket already may be waiting for its removal, since perhaps no row
    names it. So whoever writes the rows calls `check` before, with the project locked: what is
    there then stays (`shared.storage.references`).
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._made: set[str] = set()
        self._put: set[str] = set()
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes, content_type: str) -> None:
        """Write an object unless it is there; of equal names only the first is sent."""
        with self._lock:
            if name in self._put:
                return
            self._put.add(name)
        if self._storage.put_once(name, data, content_type, cache_control=_CACHE_CONTROL):
            with self._lock:
                self._made.add(name)

    @property
    def made(self) -> list[str]:
        """Names of the objects that were not there before; nobody else is about to name them."""
        with self._lock:
            return sorted(self._made)

    def check(self, names: Iterable[str]) -> None:
        """Raise `ObjectVanishedError` unless all these objects are still there.

        Only those are looked for which this writer has not made.
        """
        doubtful = sorted(set(names) - self._made)
        for name, found in zip(doubtful, self._storage.find_many(doubtful), strict=True):
            if isinstance(found, Exception):
                raise found
            if found is None:
                raise ObjectVanishedError(name)
