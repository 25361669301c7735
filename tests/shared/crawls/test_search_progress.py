"""The progress of engines for each keyword."""

from shared.crawls.entries import CrawlEntry
from shared.crawls.search_progress import (
    EngineProgress,
    list_searches,
    read_progress,
    reopen_search,
    store_progress,
)


def test_categories_become_labels() -> None:
    source = {"categories": {"a": ["x", "y"], "b": ["x"]}, "engines": ["openverse", "google"]}
    entries = [CrawlEntry.parse(given) for given in list_searches(source)]
    assert [(one.url, one.label) for one in entries] == [("x", "a"), ("y", "a"), ("x", "b")]
    assert read_progress(entries[0]) == {
        "openverse": EngineProgress(),
        "google": EngineProgress(),
    }
    (alone,) = list_searches({"keywords": ["x"], "engines": ["google"]})
    assert CrawlEntry.parse(alone).label is None


def test_progress_is_kept_as_it_is() -> None:
    progress = {
        "a": EngineProgress(cursor=7, skip=2, read=60, pages=3, found=40),
        "b": EngineProgress(pages=1, end="rate_limited", detail="b: used up", retryable=True),
        "c": EngineProgress(pages=1, end="complete"),
    }
    stored = store_progress(CrawlEntry("cat"), progress)
    assert read_progress(CrawlEntry.parse(stored.to_json())) == progress
    assert progress["a"].rank == 62


def test_a_retry_takes_up_what_may_pass() -> None:
    progress = {
        "a": EngineProgress(3, 2, 40, 3, 40, "timeout", "a: slow", retryable=True),
        "b": EngineProgress(end="bad_query", detail="b: no"),
        "c": EngineProgress(end="complete"),
    }
    reopened = read_progress(reopen_search(store_progress(CrawlEntry("cat"), progress)))
    assert reopened["a"] == EngineProgress(3, 2, 40, 3, 40)
    assert reopened["b"] == progress["b"]
    assert reopened["c"] == progress["c"]
