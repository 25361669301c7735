"""The composition root: every client is built on first use, once per process.

functions-framework's server imports a function's module in its parent process and then forks.
Clients made at import would be broken in the child, so they are made here, keyed by process id.
"""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Engine

from shared.database.transactions import make_engine
from shared.settings import Settings, settings

if TYPE_CHECKING:
    from shared.analyses.gemini import Gemini
    from shared.fetching.addresses import AddressPolicy
    from shared.inference.serving import Models
    from shared.messaging.outbox import Publisher
    from shared.storage.bucket import Storage


class Services:
    """The clients of one process. What is not asked for is neither imported nor built."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._built: dict[str, Any] = {}

    def _once(self, name: str, build: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._built:
                self._built[name] = build()
            return self._built[name]

    @property
    def engine(self) -> Engine:
        """The database's connection pool."""
        return cast(Engine, self._once("engine", lambda: make_engine(self.settings)))

    @property
    def publisher(self) -> "Publisher":
        """The Pub/Sub client."""
        from shared.messaging.publishing import PubSub

        return cast(PubSub, self._once("publisher", lambda: PubSub(self.settings.project)))

    @property
    def storage(self) -> "Storage":
        """The bucket."""
        from shared.storage.bucket import Storage, open_storage

        return cast(Storage, self._once("storage", lambda: open_storage(self.settings)))

    @property
    def models(self) -> "Models":
        """The models that this instance has loaded."""
        from shared.inference.serving import Models
        from shared.inference.worker import Bounds

        seconds = self.settings.model_seconds
        bounds = Bounds(self.settings.model_memory, load_seconds=seconds, run_seconds=seconds)
        storage = self.storage
        budget = self.settings.model_cache
        return cast(Models, self._once("models", lambda: Models(storage, budget, bounds)))

    @property
    def gemini(self) -> "Gemini":
        """The client of Gemini, which is set up where a model of it is named."""
        from shared.analyses.gemini import Gemini

        return cast(Gemini, self._once("gemini", lambda: Gemini(self.settings)))

    @property
    def addresses(self) -> "AddressPolicy":
        """Which network addresses may be fetched from."""
        from shared.fetching.addresses import AddressPolicy

        return AddressPolicy.parse(self.settings.crawl_allow)


_services: dict[int, Services] = {}
_services_lock = threading.Lock()


def services() -> Services:
    """This process's services."""
    with _services_lock:
        found = _services.get(os.getpid())
        if found is None:
            _services.clear()
            found = _services[os.getpid()] = Services(settings())
        return found
