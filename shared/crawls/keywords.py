"""Keywords as sources of crawl jobs: engines are searched for each, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.crawls.leases import LeasedChunk
from shared.crawls.search_progress import EngineProgress, read_progress
from shared.errors import Invalid
from shared.fetching.client import Fetcher
from shared.searching.asking import Check, Search, SearchAnswer, ask_engines
from shared.searching.engines import SearchEngine, SearchQuery
from shared.searching.pace import SearchPace


@dataclass(frozen=True)
class SearchRound:
    """The answers that one call got for the keyword at `place` of its chunk; none at the end."""

    place: int = 0
    answers: tuple[SearchAnswer, ...] = ()


def search_round(
    chunk: LeasedChunk,
    engines: Mapping[str, SearchEngine],
    client: Fetcher,
    pace: SearchPace,
    check: Check,
) -> SearchRound:
    """Ask engines for a page each, for the keyword whose turn it is. `check` may raise.

    Raise `Invalid` where the first search of a job meets a key that is wrong: before anything runs.
    """
    place, searches = choose_searches(chunk, engines)
    if not searches:
        return SearchRound()
    with pace.take_turn([one.engine.name for one in searches], check):
        answers = ask_engines(client, searches, check)
    errors = [one.error for one in answers if one.error]
    refusals = [error.detail for error in errors if error.reason == "key_refused"]
    if refusals and not any(one.pages for one in _list_progress(chunk)):
        raise Invalid(detail=" ".join(f"{detail}." for detail in refusals))
    return SearchRound(place, tuple(answers))


def choose_searches(
    chunk: LeasedChunk, engines: Mapping[str, SearchEngine]
) -> tuple[int, list[Search]]:
    """Return the keyword that has got least, and the searches for it that are behind.

    In one round an engine gives no more than its share, and a page counts as much as the share that
    it might have brought: so keywords come in turn, and one that finds little comes again sooner.
    Engines with small pages are asked oftener.
    """
    entries = [read_progress(entry) for entry in chunk.entries]
    waiting = {
        place: still_open
        for place, progress in enumerate(entries)
        if (still_open := {name: one for name, one in progress.items() if one.end is None})
    }
    left = chunk.options.max_images - sum(one.found for one in _list_progress(chunk))
    if not waiting or left <= 0:
        return 0, []
    share = -(-chunk.options.max_images // sum(map(len, entries)))
    got = [sum(one.found + share * one.pages for one in entry.values()) for entry in entries]
    place = min(waiting, key=got.__getitem__)
    behind = min(one.rank for one in waiting[place].values())
    return place, [
        Search(
            engines[name],
            SearchQuery(
                chunk.entries[place].url,
                chunk.source.get("license"),
                engines[name].first if one.cursor is None else one.cursor,
                one.read,
            ),
            one.skip,
            min(left, share),
        )
        for name in chunk.source["engines"]
        if (one := waiting[place].get(name)) and one.rank == behind
    ]


def _list_progress(chunk: LeasedChunk) -> list[EngineProgress]:
    return [one for entry in chunk.entries for one in read_progress(entry).values()]
