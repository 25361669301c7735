"""Engines take turns, and no address comes twice."""

from shared.searching.merging import merge_results
from shared.searching.results import SearchResult, make_result


def results(*names: str | None) -> list[SearchResult]:
    return [
        make_result(rank, name and f"https://example.org/{name}")
        for rank, name in enumerate(names, 1)
    ]


def test_the_first_of_each_then_the_second() -> None:
    merged = merge_results({"a": results("1", "2", "3"), "b": results("4"), "c": results("5", "6")})
    assert [(engine, one.url[-1]) for engine, one in merged] == [
        ("a", "1"),
        ("b", "4"),
        ("c", "5"),
        ("a", "2"),
        ("c", "6"),
        ("a", "3"),
    ]


def test_an_address_in_another_spelling_is_the_same() -> None:
    again = [make_result(1, "HTTPS://EXAMPLE.org:443/1#part")]
    assert len(list(merge_results({"a": results("1"), "b": again}))) == 1


def test_results_without_an_address_stay_apart() -> None:
    assert len(list(merge_results({"a": results(None, None), "b": results(None)}))) == 3
    assert list(merge_results({})) == []
