"""JSON of requests, half surrogate pairs among it."""

import pytest

from shared.schemas.parsing import find_half_pair, parse_request_json
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
        (b'["\\uDC00x", "\\uD83D\\uDE00"]', ["\udc00x", "\U0001f600"]),
        (b'{"\\ud83d": 1}', {"\ud83d": 1}),
        (b'["\\\\ud83d"]', ["\\ud83d"]),
        ('["ä"]'.encode(), ["ä"]),
    ],
    ids=range(5),
)
def test_half_of_a_pair_stays_in_its_string(data: bytes, value: object) -> None:
    assert parse_request_json(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b'["\\ud83d", NaN]',
        b'["\\ud83d", -Infinity]',
        b'["\\ud83d"',
        b'["\\ud83d", "\xff"]',
        b'["\xed\xa0\xbd"]',
        b'["\\ud83d", "\n"]',
        b"NaN",
        b'\xff\xfe[\x00"\x00\\\x00u\x00d\x008\x003\x00d\x00"\x00]\x00',
    ],
    ids=range(8),
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_request_json(data)


def test_nesting_has_an_end() -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse_request_json(b"[" * 100_000 + b'"\\ud83d"' + b"]" * 100_000)


def test_half_of_a_pair_is_found_at_any_depth() -> None:
    assert find_half_pair({"a": ["x", {"b": "\ud83d"}]}) == ["a", 1, "b"]
    assert find_half_pair({"a": {"\ud83d": 1}}) == ["a"]
    assert find_half_pair({"a": ["x", 1, None, "\U0001f600"]}) is None


@pytest.mark.parametrize("unit", [b'"\\ud83d",', b'"\\ud83d\\ude00",', b'"\\\\ud83d",'])
def test_parsing_grows_with_the_bytes(unit: bytes) -> None:
    assert_linear(
        parse_request_json, lambda size: b"[" + unit * (size // len(unit)) + b"1]", 40_000
    )
