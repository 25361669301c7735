"""First results of the engines for the first keywords of a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from time import monotonic
from uuid import UUID

from shared.crawls.entries import CrawlEntry
from shared.crawls.preview_desk import PreviewDesk
from shared.crawls.preview_pictures import PreviewCandidate
from shared.errors import Unavailable
from shared.fetching.client import Fetcher
from shared.fetching.urls import BadUrl, normalise
from shared.schemas.sources import KeywordsSource
from shared.searching.asking import Search, SearchAnswer, ask_once
from shared.searching.engines import SearchEngine, SearchQuery
from shared.searching.merging import merge_results
from shared.searching.results import SearchResult

MAX_KEYWORDS = 3
_MOST_RESULTS = 24  # of one engine for one keyword that are kept


@dataclass(frozen=True)
class PreviewSearch:
    """Answer of one engine to one keyword: so many results, or a reason why there are none."""

    keyword: str
    engine: str
    found: int
    has_more: bool
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class PreviewSearches:
    """Searches for the first keywords, and the images that they found in the order of a crawl.

    For `left_out` further keywords nothing was asked.
    """

    searches: list[PreviewSearch]
    candidates: list[PreviewCandidate]
    left_out: int


class PreviewSearcher:
    """Asks engines for their first pages; what one answered a moment ago is not asked again."""

    def __init__(
        self,
        engines: Sequence[SearchEngine],
        desk: PreviewDesk,
        user_id: UUID,
        client: Fetcher,
        deadline: float,
    ) -> None:
        self._engines: dict[str, SearchEngine] = {one.name: one for one in engines}
        self._desk = desk
        self._user_id = user_id
        self._client = client
        self._deadline = deadline

    def search(self, source: KeywordsSource) -> PreviewSearches:
        """Search for the first keywords of a source.

        Raise `Unavailable` where others search for longer than there is time for.
        """
        given: list[tuple[str | None, str]] = [(None, words) for words in source.keywords or ()]
        for category, some in (source.categories or {}).items():
            given += [(category, words) for words in some]
        searches: list[PreviewSearch] = []
        found: list[list[PreviewCandidate]] = []
        for label, words in given[:MAX_KEYWORDS]:
            answers = self._ask(words, source.license)
            searches += [_describe(words, one) for one in answers]
            results: dict[str, list[SearchResult]] = {
                one.search.engine.name: one.taken for one in answers
            }
            found.append(
                [
                    _make_candidate(self._engines[name], result, words, label)
                    for name, result in merge_results(results)
                ]
            )
        candidates = [one for turn in zip_longest(*found) for one in turn if one is not None]
        return PreviewSearches(searches, candidates, max(0, len(given) - MAX_KEYWORDS))

    def _ask(self, words: str, choice: str | None) -> list[SearchAnswer]:
        """Return the engines' answers for one keyword."""
        answers: dict[str, SearchAnswer] = {}
        for name in self._engines:
            if known := self._desk.find_answer((self._user_id, name, words, choice)):
                answers[name] = known
        missing = [
            Search(engine, SearchQuery(words, choice, engine.first), 0, _MOST_RESULTS)
            for name, engine in self._engines.items()
            if name not in answers
        ]
        if missing:
            with self._desk.pace.take_turn([one.engine.name for one in missing], self._check):
                asked = ask_once(self._client, missing, self._deadline)
            for one in asked:
                engine = one.search.engine.name
                answers[engine] = one
                if one.error is None:
                    self._desk.keep_answer((self._user_id, engine, words, choice), one)
        return [answers[name] for name in self._engines]

    def _check(self) -> None:
        if monotonic() > self._deadline:
            raise Unavailable("Too many others search at the moment. Try again in a while.")


def _describe(words: str, answer: SearchAnswer) -> PreviewSearch:
    engine, error, page = answer.search.engine.name, answer.error, answer.page
    if error is not None:
        return PreviewSearch(words, engine, 0, False, error.reason, error.detail)
    found = len(page.results) if page else 0
    return PreviewSearch(words, engine, found, page is not None and page.following is not None)


def _make_candidate(
    engine: SearchEngine, result: SearchResult, words: str, label: str | None
) -> PreviewCandidate:
    entry = CrawlEntry(
        result.url,
        label=label,
        caption=result.title,
        license=result.license,
        attribution=result.attribution,
        source_page=result.source_page,
    )
    return PreviewCandidate(
        entry,
        engine=engine.name,
        keyword=words,
        address=result.thumbnail,
        of_engine=result.thumbnail is not None and _is_of(engine, result.thumbnail),
        width=result.width,
        height=result.height,
        reason=result.reason,
        detail=result.detail,
    )


def _is_of(engine: SearchEngine, address: str) -> bool:
    """Return whether an address belongs to the interface of an engine."""
    try:
        base = normalise(engine.build_address(SearchQuery("", None, engine.first)))
        return normalise(address).startswith(base.partition("?")[0])
    except BadUrl:
        return False
