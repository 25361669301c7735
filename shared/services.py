"""The composition root: every client is built on first use, once per process.

functions-framework's server imports a function's module in its parent process and then forks.
Clients made at import would be broken in the child, so they are made here, keyed by process id.
"""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from sqlalchemy import Engine

from shared.database.transactions import make_engine
from shared.settings import Settings, load_settings

if TYPE_CHECKING:
    from shared.accounts.call_counter import CallCounter
    from shared.analyses.gemini import Gemini
    from shared.crawls.preview_desk import PreviewDesk
    from shared.fetching.addresses import AddressPolicy
    from shared.inference.predictor import Predictor
    from shared.inference.serving import Models
    from shared.messaging.outbox import Publisher
    from shared.searching.pace import SearchPace
    from shared.storage.bucket import Storage

T = TypeVar("T")

Permission = Literal["bucket", "database", "gemini", "health", "internet", "relay"]


@dataclass
class Client(Generic[T]):
    """A client that handlers ask for by its type: how it is built, and what comes with it."""

    kind: str  # its type, qualified, so that nothing is imported that no handler asks for
    build: Callable[["Services"], T]
    permits: frozenset[Permission] = frozenset()  # what an account needs whose function takes it
    modules: tuple[str, ...] = ()  # that only functions which ask for it are shipped with
    needs: tuple[str, ...] = ()  # names of the clients that it is built of
    name: str = field(init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, services: None, owner: type) -> Self: ...
    @overload
    def __get__(self, services: "Services", owner: type) -> T: ...
    def __get__(self, services: "Services | None", owner: type) -> Self | T:
        return self if services is None else services.build_once(self)


def client(
    kind: str,
    *permits: Permission,
    modules: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Callable[[Callable[["Services"], T]], Client[T]]:
    """Declare the method below as the builder of a type's client."""
    return lambda build: Client(kind, build, frozenset(permits), modules, needs)


class Services:
    """The clients of one process. What is not asked for is neither imported nor built."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self.built: dict[str, Any] = {}  # by name; another home may put clients of its own here

    def build_once(self, client: Client[T]) -> T:
        """Return the process's client, built now where nobody has asked for it before."""
        with self._lock:
            if client.name not in self.built:
                self.built[client.name] = client.build(self)
            found: T = self.built[client.name]
            return found

    @client("shared.settings.Settings")
    def settings(self) -> Settings:
        """Return the settings that this process was started with."""
        return self._settings

    @client("sqlalchemy.engine.base.Engine", "database")
    def engine(self) -> Engine:
        """Build the database's connection pool."""
        return make_engine(self.settings)

    @client("shared.accounts.call_counter.CallCounter", "database")
    def call_counter(self) -> "CallCounter":
        """Build what counts calls in this process."""
        from shared.accounts.call_counter import CallCounter

        return CallCounter(self.engine)

    @client("shared.messaging.outbox.Publisher", "relay", modules=("shared.messaging.publishing",))
    def publisher(self) -> "Publisher":
        """Build the Pub/Sub client."""
        from shared.messaging.publishing import PubSub

        return PubSub(self.settings.project)

    @client("shared.storage.bucket.Storage", "bucket", modules=("shared.storage.bucket",))
    def storage(self) -> "Storage":
        """Open the bucket."""
        from shared.storage.bucket import open_storage

        return open_storage(self.settings)

    @client(
        "shared.inference.serving.Models",
        "bucket",
        modules=("shared.inference.serving", "shared.inference.worker"),
        needs=("storage",),
    )
    def models(self) -> "Models":
        """Build the cache of the models that this instance has loaded."""
        from shared.inference.serving import Models
        from shared.inference.worker import Bounds

        seconds = self.settings.model_seconds
        bounds = Bounds(self.settings.model_memory, load_seconds=seconds, run_seconds=seconds)
        calls = self.settings.account_calls
        return Models(self.storage, self.settings.model_cache, bounds, calls)

    @client(
        "shared.inference.predictor.Predictor",
        "bucket",
        modules=("shared.inference.predictor",),
        needs=("models", "storage"),
    )
    def predictor(self) -> "Predictor":
        """Build what runs models for callers, on this instance's models."""
        from shared.inference.predictor import Predictor

        return Predictor(self.models, self.storage, self.settings)

    @client("shared.analyses.gemini.Gemini", "gemini", modules=("shared.analyses.gemini",))
    def gemini(self) -> "Gemini":
        """Build the client of Gemini, which is set up where a model of it is named."""
        from shared.analyses.gemini import Gemini

        return Gemini(self.settings)

    @client(
        "shared.fetching.addresses.AddressPolicy",
        "internet",
        modules=("shared.fetching.addresses",),
    )
    def addresses(self) -> "AddressPolicy":
        """Read which network addresses may be fetched from."""
        from shared.fetching.addresses import AddressPolicy

        return AddressPolicy.parse(self.settings.crawl_allow)

    @client("shared.searching.pace.SearchPace", modules=("shared.searching.pace",))
    def search_pace(self) -> "SearchPace":
        """Build what keeps the pace of searches in this process."""
        from shared.searching.pace import SearchPace

        return SearchPace(self.settings.search_interval)

    @client(
        "shared.crawls.preview_desk.PreviewDesk",
        modules=("shared.crawls.preview_desk",),
        needs=("search_pace",),
    )
    def desk(self) -> "PreviewDesk":
        """Build what gives each account its turns at previews in this process."""
        from shared.crawls.preview_desk import PreviewDesk

        return PreviewDesk(self.search_pace)

    @client("shared.services.Services", "health", "database", needs=("publisher", "storage"))
    def all(self) -> "Services":
        """Return these services: the health check looks whether each answers."""
        return self


CLIENTS: Mapping[str, Client[Any]] = {
    one.kind: one for one in vars(Services).values() if isinstance(one, Client)
}

_services: dict[int, Services] = {}
_services_lock = threading.Lock()


def services() -> Services:
    """Return this process's services."""
    with _services_lock:
        found = _services.get(os.getpid())
        if found is None:
            _services.clear()
            found = _services[os.getpid()] = Services(load_settings())
        return found
