"""Looks at a source as a crawl would, for a few seconds and a few images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from sqlalchemy import Engine

from shared.crawls.entries import CrawlEntry
from shared.crawls.fetchers import make_fetcher
from shared.crawls.listing import list_entries
from shared.crawls.preview_desk import PreviewDesk
from shared.crawls.preview_pages import PreviewPage, read_first_pages
from shared.crawls.preview_pictures import (
    MAX_BYTES,
    PictureRules,
    PreviewCandidate,
    fetch_pictures,
    make_candidates,
)
from shared.crawls.preview_searches import PreviewSearch, PreviewSearcher
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher
from shared.schemas.source_previews import SourcePreviewOptions
from shared.schemas.sources import KeywordsSource, PagesSource, UrlsSource
from shared.searching.asking import open_client
from shared.searching.engines import make_engines
from shared.settings import Settings

MAX_CANDIDATES = 12
_BUDGET = 9.0  # seconds, for all that is asked of others
_PATIENCE = 5.0  # seconds, for one answer


@dataclass(frozen=True)
class PreviewedSource:
    """A source to look at, with the engines that are asked for its keywords."""

    project_id: UUID
    user_id: UUID
    source: UrlsSource | PagesSource | KeywordsSource
    options: SourcePreviewOptions
    engines: Sequence[str]


@dataclass
class SourcePreview:
    """The first images of a source and what was looked at for them; `left_out` was not."""

    candidates: list[PreviewCandidate] = field(default_factory=list)
    found: int = 0
    searches: list[PreviewSearch] = field(default_factory=list)
    pages: list[PreviewPage] = field(default_factory=list)
    left_out: int = 0


class SourceViewer:
    """Looks at sources. The network is asked under an account's turn, within nine seconds."""

    def __init__(
        self, engine: Engine, addresses: AddressPolicy, desk: PreviewDesk, settings: Settings
    ) -> None:
        self._engine = engine
        self._addresses = addresses
        self._desk = desk
        self._settings = settings

    def view(self, wanted: PreviewedSource) -> SourcePreview:
        """Return what a source would bring. Raise `TooMany` where the account has no turn left."""
        deadline = monotonic() + _BUDGET
        with self._desk.take_turn(wanted.user_id), self._open_fetcher() as fetcher:
            preview = self._find(wanted, fetcher, deadline)
            preview.found = len(preview.candidates)
            del preview.candidates[MAX_CANDIDATES:]
            source = wanted.source
            rules = PictureRules(
                wanted.options.respect_robots,
                wanted.options.rights,
                tells_pages=isinstance(source, PagesSource) and source.referer == "page",
            )
            fetch_pictures(fetcher, preview.candidates, rules, deadline)
        return preview

    def _open_fetcher(self) -> Fetcher:
        return make_fetcher(
            self._engine,
            self._addresses,
            self._settings,
            max_bytes=MAX_BYTES,
            heeds_opt_outs=False,
            seconds=_PATIENCE,
        )

    def _find(self, wanted: PreviewedSource, fetcher: Fetcher, deadline: float) -> SourcePreview:
        source = wanted.source
        match source:
            case UrlsSource():
                first = list_entries(source.urls[:MAX_CANDIDATES])
                candidates = make_candidates(map(CrawlEntry.parse, first))
                left_out = max(0, len(source.urls) - MAX_CANDIDATES)
                return SourcePreview(candidates, left_out=left_out)
            case PagesSource():
                read = read_first_pages(
                    source, wanted.options, wanted.project_id, wanted.user_id, fetcher, deadline
                )
                return SourcePreview(read.candidates, pages=read.pages, left_out=read.left_out)
            case KeywordsSource():
                known = make_engines(self._settings)
                engines = [known[name] for name in wanted.engines]
                with open_client(self._addresses, self._settings, seconds=_PATIENCE) as client:
                    searcher = PreviewSearcher(
                        engines, self._desk, wanted.user_id, client, deadline
                    )
                    searched = searcher.search(source)
                return SourcePreview(
                    searched.candidates, searches=searched.searches, left_out=searched.left_out
                )
