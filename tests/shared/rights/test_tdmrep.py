"""Reservations by the TDM Reservation Protocol."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.tdmrep import parse_reservation, parse_tdmrep
from tests.growth import Maker, assert_linear, measure_cpu, repetitions

# As in the protocol's second example.
EXAMPLE = [
    {"location": "/directory-a/", "tdm-reservation": 1},
    {
        "location": "/directory-b/html/",
        "tdm-reservation": 1,
        "tdm-policy": "https://provider.example/policies/policy.json",
    },
    {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0},
]


def find(rules: Any, path: str) -> bool | None:
    return parse_tdmrep(json.dumps(rules).encode()).find(path)


@pytest.mark.parametrize(
    ("path", "allows"),
    [
        ("/directory-a/x.pdf", False),
        ("/directory-b/html/", False),
        ("/directory-b/images/cat.jpg", True),
        ("/directory-b/images/cat.png", None),
        ("/Directory-A/x.pdf", None),
        ("/", None),
    ],
)
def test_the_protocol_s_example(path: str, allows: bool | None) -> None:
    assert find(EXAMPLE, path) is allows


@pytest.mark.parametrize(
    ("rules", "path", "allows"),
    [
        ([{"location": "/", "tdm-reservation": 1}], "/a/b?c", False),
        # Also without the brackets that many leave out, and with the number as a text.
        ({"location": "/", "tdm-reservation": "1"}, "/a", False),
        # The first rule that matches counts.
        (
            [
                {"location": "/a/b", "tdm-reservation": 0},
                {"location": "/a", "tdm-reservation": 1},
            ],
            "/a/b",
            True,
        ),
        ([{"location": "/a$", "tdm-reservation": 1}], "/ab", None),
        ([{"location": "*.jpg", "tdm-reservation": 1}], "/x.jpg", False),
        ([{"location": "images/", "tdm-reservation": 1}], "/images/x", False),
        ([{"location": "https://a.example/x", "tdm-reservation": 1}], "/x", False),
        ([{"location": "/foo-%24", "tdm-reservation": 1}], "/foo-$", False),
        ([{"location": "/", "tdm-reservation": 2}], "/a", None),
        ([{"location": 1, "tdm-reservation": 1}, None, []], "/a", None),
        ("no rules", "/a", None),
    ],
)
def test_rules(rules: Any, path: str, allows: bool | None) -> None:
    assert find(rules, path) is allows


@pytest.mark.parametrize("data", [b"", b"<html>", b"[" * 100_000, b"\xff", b"NaN"])
def test_what_is_no_such_file_says_nothing(data: bytes) -> None:
    assert parse_tdmrep(data).find("/") is None


def test_too_many_rules_for_an_address_reserve_it() -> None:
    rules = parse_tdmrep(
        json.dumps(
            [{"location": f"/{n}*a*b*c", "tdm-reservation": 0} for n in range(9000)]
        ).encode()
    )
    path = "/" + "ab" * 2000
    assert rules.find(path) is False
    assert measure_cpu(lambda: rules.find(path)) < 1


@pytest.mark.parametrize(
    ("value", "allows"), [("1", False), (" 0 ", True), (1, False), ("yes", None), (None, None)]
)
def test_reservations(value: Any, allows: bool | None) -> None:
    assert parse_reservation(value) is allows


@given(make=repetitions((b'{"location": "/*a", "tdm-reservation": 1},', b"[", b"*", b'"')))
@settings(max_examples=20)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(parse_tdmrep, lambda size: b"[" + make(size) + b"]", 10_000)


@given(st.binary(), st.text())
def test_any_bytes_are_read(data: bytes, path: str) -> None:
    parse_tdmrep(data).find(path)
