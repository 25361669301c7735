"""The choice of the next engine and keyword, and of how much is wanted of it."""

from typing import Any

from shared.crawls.entries import CrawlEntry
from shared.crawls.keywords import choose_searches
from shared.crawls.leases import LeasedChunk
from shared.crawls.search_progress import EngineProgress, store_progress
from shared.models.base import new_id
from shared.schemas.crawl_options import CrawlOptions
from shared.searching.engines import make_engines
from tests.shared.searching.asked import KEYS

ENGINES = make_engines(KEYS)


def chunk(*entries: dict[str, EngineProgress], most: int = 1000, **source: Any) -> LeasedChunk:
    stored = [store_progress(CrawlEntry(f"word {n}"), one) for n, one in enumerate(entries)]
    identity = new_id()
    return LeasedChunk(
        id=identity,
        attempt=1,
        kind="keywords",
        entries=tuple(stored),
        crawl_job_id=identity,
        project_id=identity,
        user_id=identity,
        source={"type": "keywords", "engines": ["openverse", "wikimedia"], **source},
        options=CrawlOptions(max_images=most),
    )


def choose(given: LeasedChunk) -> tuple[int, list[tuple[str, int, int, int]]]:
    """Return the keyword, and of each search engine, cursor, skip and share."""
    place, searches = choose_searches(given, ENGINES)
    return place, [(one.engine.name, one.query.cursor, one.skip, one.share) for one in searches]


def test_all_engines_begin_together_each_with_its_share() -> None:
    begun = {"wikimedia": EngineProgress(), "openverse": EngineProgress()}
    assert choose(chunk(begun, begun, most=10)) == (
        0,
        [("openverse", 1, 0, 3), ("wikimedia", 0, 0, 3)],
    )


def test_the_keyword_that_was_asked_for_least() -> None:
    once = {"openverse": EngineProgress(2, 0, 20, 1, 20)}
    assert choose(chunk(once, {"openverse": EngineProgress()}))[0] == 1
    assert choose(chunk(once, once))[0] == 0
    ended = {"openverse": EngineProgress(end="complete")}
    assert choose(chunk(ended, once))[0] == 1


def test_of_keywords_with_as_many_pages_the_one_with_fewer_images() -> None:
    much = {"openverse": EngineProgress(2, 0, 20, 1, found=20)}
    little = {"openverse": EngineProgress(2, 0, 20, 1, found=4)}
    assert choose(chunk(much, little))[0] == 1
    oftener = {"openverse": EngineProgress(3, 0, 40, 2, found=4)}
    assert choose(chunk(much, oftener))[0] == 0


def test_the_engine_that_is_behind() -> None:
    state = {"openverse": EngineProgress(2, 0, 20, 1), "wikimedia": EngineProgress(50, 0, 50, 1)}
    assert choose(chunk(state)) == (0, [("openverse", 2, 0, 500)])
    state["openverse"] = EngineProgress(4, 3, 60, 3)
    assert choose(chunk(state)) == (0, [("wikimedia", 50, 0, 500)])
    state["wikimedia"] = EngineProgress(end="rate_limited")
    assert choose(chunk(state)) == (0, [("openverse", 4, 3, 500)])


def test_nothing_is_asked_for_when_there_is_enough() -> None:
    state = {"openverse": EngineProgress(2, 0, 20, 1, 20)}
    assert choose(chunk(state, most=20)) == (0, [])
    assert choose(chunk(state, most=23)) == (0, [("openverse", 2, 0, 3)])
    assert choose(chunk({"openverse": EngineProgress(end="complete")})) == (0, [])


def test_the_licence_is_asked_for() -> None:
    _, (search,) = choose_searches(chunk({"openverse": EngineProgress()}, license="by"), ENGINES)
    assert (search.query.words, search.query.license) == ("word 0", "by")
