"""Header lines as servers write them, and the fields that lead elsewhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.fetching.headers import (
    HeaderReader,
    find_redirect,
    find_refresh,
    parse_refresh,
    parse_retry_after,
)
from tests.growth import Maker, assert_linear, repetitions


def read(data: bytes) -> HeaderReader:
    head = HeaderReader()
    for line in data.removesuffix(b"\n").split(b"\n"):
        if not head.complete:
            head.read_line(line)
    return head


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (b"A: b\r\nno colon\r\nC: d", {"a": "b", "c": "d"}),
        (b"no colon\r\nC: d", {"c": "d"}),
        (b"A: b\r\n  more\r\n\tand more", {"a": "b more and more"}),
        (b" folded first\r\nC: d", {"c": "d"}),
        (b" \r\nC: d", {"c": "d"}),
        (b"A: b\r\n\t \r\nC: d", {"a": "b ", "c": "d"}),
        (b"no colon\r\n folded\r\nC: d", {"c": "d"}),
        (b"A : b\r\nC:d", {"a": "b", "c": "d"}),
        (b"A: b\r\na: c\r\nA: b", {"a": "b\nc\nb"}),
        (b"A: b:c", {"a": "b:c"}),
        (b"A:\r\nB:  ", {"a": "", "b": ""}),
        (b": nameless", {"": "nameless"}),
        (b"A: b\0c\r\nB: c", {"b": "c"}),
        (b"A: caf\xe9", {"a": "caf\xe9"}),
        (b"HTTP/1.1 200 OK\r\nHTTP/x: y", {"http/x": "y"}),
        (b"", {}),
    ],
)
def test_fields(lines: bytes, fields: dict[str, str]) -> None:
    for ending in (b"\r\n", b"\n"):
        head = read(
            b"HTTP/1.1 200 OK\r\n".replace(b"\r\n", ending) + lines + ending * (2 if lines else 1)
        )
        assert head.complete
        assert (head.status, head.fields) == (200, fields)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        *((b"HTTP/1.1 200 OK", 200), (b"HTTP/1.1 404", 404), (b"http/1.0 302 found", 302)),
        *((b"HTTP/2 200", 200), (b"HTTP/1.1  200  OK", 200), (b"HTTP 200 OK", 200)),
        *((b"HTTP/1.1 999 Denied", 999), (b"HTTP/1.1 200 \xd6K", 200)),
    ],
)
def test_status_lines(line: bytes, status: int) -> None:
    assert read(line).status == status


@pytest.mark.parametrize("line", [b"HTTP/1.1 2000 OK", b"HTTP/1.1 OK", b"SSH-2.0", b"ICY 200", b""])
def test_what_is_no_status_line(line: bytes) -> None:
    with pytest.raises(ValueError, match="no HTTP status line"):
        read(line)


def test_an_interim_answer_is_none() -> None:
    head = read(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
    assert not head.complete
    for line in (b"HTTP/1.1 200 OK", b"A: b", b""):
        head.read_line(line)
    assert (head.complete, head.status, head.fields) == (True, 200, {"a": "b"})


_TOKENS = [
    b"A: b\r\n",
    b"a:",
    b"no colon\n",
    b" ",
    b"\t",
    b":",
    b"\n x",
    b"\r",
    b"\0",
    b"HTTP/1.1 ",
]


@given(st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=4), max_size=40).map(b"".join))
def test_any_bytes_are_read(data: bytes) -> None:
    with suppress(ValueError):
        fields = read(b"HTTP/1.1 200 OK\r\n" + data).fields
        assert "\0" not in "".join(fields.values())


@given(repetitions(_TOKENS))
@example(lambda size: b"A: b\n" * (size // 5))
@example(lambda size: b"A: b\n" + b" c\n" * (size // 3))
@settings(max_examples=30)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    def work(data: bytes) -> None:
        with suppress(ValueError):
            read(b"HTTP/1.1 200 OK\n" + data).fields.copy()

    assert_linear(work, make, 50_000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("120", 120.0), ("0", 0.0), ("", None), ("soon", None), ("-5", None), ("1.5", None)),
        *(("120\n5", 120.0), ("9" * 1000, 999_999_999.0), ("\u0661", None)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Foo 2015", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 +9999999", None),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0.0),
    ],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert parse_retry_after({"retry-after": value}) == expected


def test_retry_after_reads_dates() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = parse_retry_after({"retry-after": moment})
    assert seconds is not None
    assert 85 < seconds <= 90


_DATES = [
    b"Wed, ",
    b"21 ",
    b"Oct ",
    b"2015 ",
    b"07:",
    b"GMT",
    b"+",
    b"-",
    b"9",
    b",",
    b" ",
    b";",
    b"url=",
]
_TEXTS = st.lists(st.sampled_from(_DATES) | st.binary(max_size=3), max_size=20).map(
    lambda parts: b"".join(parts).decode("latin-1")
)


@given(_TEXTS)
def test_any_date_and_refresh_is_read(text: str) -> None:
    seconds = parse_retry_after({"retry-after": text})
    assert seconds is None or seconds >= 0
    found = parse_refresh(text)
    assert found is None or found.seconds >= 0


@given(repetitions(_DATES))
@settings(max_examples=30)
def test_dates_and_refreshes_take_time_in_proportion(make: Maker) -> None:
    def work(data: bytes) -> None:
        parse_refresh(data.decode("latin-1"))
        parse_retry_after({"retry-after": data.decode("latin-1")})

    assert_linear(work, make, 50_000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/b", "/b"),
        ("", None),
        ("\n/second", "/second"),
        ("/first\n/second", "/first"),
        ("/caf\xe9.jpg", "/caf%E9.jpg"),
        ("/sj\x8d\xc2.jpg", "/sj%8D%C2.jpg"),
        ("/caf\xc3\xa9.jpg?x=\xe9&y=%e9", "/caf%C3%A9.jpg?x=%E9&y=%e9"),
        ("http://b\xc3\xbccher.example/\xe9", "http://b\u00fccher.example/%E9"),
        ("//b\xc3\xbccher.example/\xe9", "//b\u00fccher.example/%E9"),
        ("b/\xe9//c", "b/%E9//c"),
        ("https://b.example/a b#\xe9", "https://b.example/a b#%E9"),
    ],
)
def test_locations(value: str, expected: str | None) -> None:
    for status in (301, 302, 303, 307, 308):
        assert find_redirect(status, {"location": value}) == expected
    for status in (200, 201, 300, 304, 305):
        assert find_redirect(status, {"location": value}) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0; url=/b", (0, "/b")),
        ("0;URL='/b'", (0, "/b")),
        ('5 , url = "/b" tail', (5, "/b")),
        ("0;/b", (0, "/b")),
        ("0 /b", (0, "/b")),
        ("\t 2.5; url=/b", (2, "/b")),
        (".5 /b", (0, "/b")),
        ("0; url=/b;c d", (0, "/b;c d")),
        ("0; urls", (0, "urls")),
        ("0; url /b", (0, "url /b")),
        ("0;url='/b", (0, "/b")),
        ("300", (300, "")),
        ("300;", (300, "")),
        ("5;url=", (5, "")),
        ("99999999999999; url=/b", (999_999_999, "/b")),
        *((text, None) for text in ("/b", "", ";url=/b", "-1;url=/b", "0url=/b", "x; url=/b")),
    ],
)
def test_refresh(value: str, expected: tuple[int, str] | None) -> None:
    assert parse_refresh(value) == expected


def test_a_refresh_leads_to_the_bytes_that_it_holds() -> None:
    assert find_refresh({"refresh": "3; url=/caf\xe9\n0; url=/b"}) == (3, "/caf%E9")
    assert find_refresh({}) is None
