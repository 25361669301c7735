"""Holds what functions do in the bucket to what their service accounts may do there."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from shared.contracts.permissions import BUCKET
from shared.services import services
from shared.storage.bucket import Storage

# The kinds of access that allow what a method does.
_METHODS = {
    "put_once": ("create", "write"),
    "open_write": ("write",),
    "compose": ("write",),
    "delete": ("write",),
    "read": ("read", "write"),
    "read_chunks": ("read", "write"),
    "open_read": ("read", "write"),
}


class Guard:
    """Refuses what no bundle at work may do; nothing while none is, since then a test prepares."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: Counter[str] = Counter()
        self._refused: list[str] = []

    def install(self) -> Callable[[], None]:
        """Watch every bucket from now on; return what ends it."""
        before = {name: getattr(Storage, name) for name in _METHODS}
        for name, method in before.items():
            setattr(Storage, name, self._watch(method, _METHODS[name]))

        def stop() -> None:
            for name, method in before.items():
                setattr(Storage, name, method)

        return stop

    @contextmanager
    def working(self, bundle: str) -> Iterator[None]:
        """Let a bundle's function work inside the block; fail the test for what it may not do."""
        with self._lock:
            self._at_work[bundle] += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[bundle] -= 1
        refused, self._refused = self._refused, []
        assert not refused, f"shared/contracts/permissions.py does not let it: {refused}"

    def _watch(self, method: Callable[..., Any], kinds: tuple[str, ...]) -> Callable[..., Any]:
        @wraps(method)
        def watched(storage: Storage, names: Any, *given: Any, **more: Any) -> Any:
            names = [names] if isinstance(names, str) else list(names)
            is_ours = storage is services().storage  # not a bucket of somebody else
            bundles = [bundle for bundle, count in self._at_work.items() if count and is_ours]
            for name in names if bundles else ():
                if not any(_may(bundle, kinds, name) for bundle in bundles):
                    self._refused.append(f"{method.__name__} {name} by {' or '.join(bundles)}")
            one = names if method.__name__ == "delete" else names[0]
            return method(storage, one, *given, **more)

        return watched


def _may(bundle: str, kinds: tuple[str, ...], name: str) -> bool:
    grants = BUCKET.get(bundle, {})
    return any(name.startswith(prefix) for kind in kinds for prefix in grants.get(kind, ()))
