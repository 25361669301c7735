"""The small interface that every engine has, and the engines that there are.

Nothing here touches the network: an engine says what to ask and reads what came, so that pages of
several are asked for at once, and a function that only checks a request loads no client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from shared.searching.names import EngineName
from shared.searching.results import SearchPage
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Words to search for, a licence or None for any, and the place of a page in the results.

    What `cursor` counts is the engine's own; `rank` results were before it.
    """

    words: str
    license: str | None
    cursor: int
    rank: int = 0


class SearchError(Exception):
    """An engine gave no page. It is the failure of an entry, like one of the fetcher's.

    `reason` is one of the fetcher's, or ``key_refused``, ``rate_limited``, ``busy``,
    ``bad_response`` or ``bad_query``. `detail` names the engine. After the first two nothing more
    is asked of it; ``busy`` may pass within `wait` seconds.
    """

    http_status: int | None = None

    def __init__(
        self, reason: str, detail: str, *, retryable: bool = True, wait: float = 0.0
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retryable = retryable
        self.wait = wait

    @property
    def ends_engine(self) -> bool:
        """Return whether the engine would answer any other search in the same way."""
        return self.reason in ("key_refused", "rate_limited")


class SearchEngine(Protocol):
    """An engine, set up by settings."""

    name: ClassVar[EngineName]
    required: ClassVar[tuple[str, ...]]  # the fields of `Settings` that it cannot do without
    first: ClassVar[int]  # the cursor of the first page
    refusals: ClassVar[frozenset[int]]  # statuses with which it refuses a key
    licenses: ClassVar[frozenset[str]]  # the choices by which it can search,
    license_note: ClassVar[str]  # and why not by others

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers of each request to it; they may hold its key."""
        ...

    def build_address(self, query: SearchQuery) -> str:
        """Return the address of a page of results; it may hold the key, so show none of it."""
        ...

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read what was answered with success, as parsed JSON.

        Raises `SearchError` for an error that the answer reports, and `MalformedAnswer`.
        """
        ...


def make_engines(settings: Settings) -> dict[str, SearchEngine]:
    """Return all engines by name, in the order in which their results are merged."""
    from shared.searching.flickr import Flickr
    from shared.searching.google import GoogleSearch
    from shared.searching.openverse import Openverse
    from shared.searching.pexels import Pexels
    from shared.searching.unsplash import Unsplash
    from shared.searching.wikimedia import Wikimedia

    kinds: tuple[Any, ...] = (Openverse, Wikimedia, Flickr, Pexels, Unsplash, GoogleSearch)
    return {kind.name: kind.set_up(settings) for kind in kinds}
