"""The progress of a search: how far each engine has been read for each keyword."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from shared.crawls.entries import CrawlEntry

COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class EngineProgress:
    """A count of what one engine has given for one keyword, in `pages`.

    It goes on at `cursor` (None: at the beginning), before which it gave `read` results, with
    `skip` of that page taken. `found` became entries of the job. `end` says why no more is asked:
    ``complete``, or the reason of a failure, with `detail` and whether it may pass.
    """

    cursor: int | None = None
    skip: int = 0
    read: int = 0
    pages: int = 0
    found: int = 0
    end: str | None = None
    detail: str | None = None
    retryable: bool = False

    @property
    def rank(self) -> int:
        """Return how many results are behind it."""
        return self.read + self.skip

    @property
    def has_failed(self) -> bool:
        """Return whether it ended before its last result."""
        return self.end not in (None, COMPLETE)


def list_searches(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an entry, as chunks hold them, for each keyword of a source, its category as label."""
    categories = source.get("categories") or {None: source["keywords"]}
    begin = dict.fromkeys(source["engines"], EngineProgress())
    keywords = [(label, words) for label, given in categories.items() for words in given]
    return [
        store_progress(CrawlEntry(words, label=label), begin).to_json() for label, words in keywords
    ]


def read_progress(entry: CrawlEntry) -> dict[str, EngineProgress]:
    """Return the progress of a keyword by engine, in no order: PostgreSQL keeps none."""
    return {name: EngineProgress(**stored) for name, stored in (entry.progress or {}).items()}


def store_progress(entry: CrawlEntry, progress: Mapping[str, EngineProgress]) -> CrawlEntry:
    """Return a keyword's entry with this progress."""
    stored = {
        name: {field: value for field, value in asdict(one).items() if value}
        for name, one in progress.items()
    }
    return replace(entry, progress=stored)


def reopen_search(entry: CrawlEntry) -> CrawlEntry:
    """Return a keyword's entry as it goes on once failures that may pass are tried again."""
    reopened = {
        name: replace(one, end=None, detail=None, retryable=False) if one.retryable else one
        for name, one in read_progress(entry).items()
    }
    return store_progress(entry, reopened)
