"""JSON that strangers wrote."""

import pytest

from shared.searching.answers import (
    MalformedAnswer,
    find_number,
    find_value,
    parse_answer,
    strip_markup,
)
from tests.growth import assert_linear


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 1_000_000, b"9" * 100_000, b'{"a": NaN']
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        parse_answer(body)


def test_values_below_names() -> None:
    answer = {"a": {"b": 7, "c": "12", "d": True, "e": "x", "f": "9" * 30}}
    assert find_value(answer, "a", "b") == 7
    assert find_value(answer, "a", "b", "c") is None
    assert find_value([answer], "a") is None
    numbers = [find_number(answer, "a", name) for name in "bcdef"]
    assert numbers == [7, 12, None, None, None]


def test_markup_is_taken_out() -> None:
    assert strip_markup('<a href="x">Grace</a> &amp; Co<br>') == "Grace  & Co"
    assert strip_markup("1 < 2") == "1 < 2"
    assert strip_markup("<p></p>") is None
    assert strip_markup(7) is None


@pytest.mark.parametrize("unit", [b"<", b"<a", b"<a>", b"&lt;"])
def test_markup_costs_no_more_than_its_length(unit: bytes) -> None:
    assert_linear(lambda data: strip_markup(data.decode()), lambda size: unit * size, 100_000)
