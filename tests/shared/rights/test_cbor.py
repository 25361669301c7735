"""CBOR, by the examples of RFC 8949, appendix A, and by what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.cbor import NotCbor, parse_cbor
from tests.growth import Maker, assert_linear, repetitions


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", 0),
        ("1903e8", 1000),
        ("1bffffffffffffffff", 2**64 - 1),
        ("29", -10),
        ("f93e00", 1.5),
        ("fb3ff199999999999a", 1.1),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("f818", None),
        ("4401020304", b"\1\2\3\4"),
        ("6449455446", "IETF"),
        ("83010203", [1, 2, 3]),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("a201020304", {}),  # of keys that are no texts
        ("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)
def test_values(data: str, value: object) -> None:
    assert parse_cbor(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    "data",
    ["", "18", "1c", "5bffffffffffffffff", "62c328", "9f01", "81" * 18 + "00", "9bffffffffffffffff"]
)  # fmt: skip
def test_what_is_none(data: str) -> None:
    with pytest.raises(NotCbor):
        parse_cbor(bytes.fromhex(data))


def test_few_items_are_read() -> None:
    with pytest.raises(NotCbor):
        parse_cbor(b"\x9f" + b"\x00" * 10_001 + b"\xff")


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse_cbor(data)
    except NotCbor:
        return


@given(
    make=repetitions((b"\x9f", b"\x7f", b"\xa1", b"\x81", b"\xc0", b"\x5a\0\0\xff\xff", b"\xff"))
)
@settings(max_examples=20)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    def read(data: bytes) -> None:
        try:
            parse_cbor(data)
        except NotCbor:
            return

    assert_linear(read, make, 20_000)
