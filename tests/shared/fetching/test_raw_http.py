"""Reading HTTP/1 from a connection's bytes, however they are cut."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.fetching.answer import BodyBudget, IncomingAnswer
from shared.fetching.exchange import FetchRequest, FetchTask
from shared.fetching.raw_http import BrokenAnswer, RawReader, build_request
from shared.fetching.urls import parse_target
from tests.growth import Maker, assert_linear, repetitions

URL = "http://a.example:8080/x?y=%E9"


def new_reader() -> RawReader:
    task = FetchTask(FetchRequest(URL), URL, parse_target(URL), 0.0, mode="raw")
    return RawReader(IncomingAnswer(task, 10**6, BodyBudget(10**6), "ignore"))


def read(data: bytes, size: int = 10**9) -> tuple[RawReader, bytes]:
    reader, body = new_reader(), b""
    for start in range(0, len(data), size):
        body += b"".join(reader.read(data[start : start + size]))
    return reader, body


def test_the_request() -> None:
    assert build_request("/x?y=%E9", parse_target(URL), ["Accept: */*"]) == (
        b"GET /x?y=%E9 HTTP/1.1\r\nHost: a.example:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize("size", [1, 2, 5, 10**9])
@pytest.mark.parametrize(
    ("head", "sent", "body"),
    [
        (b"Content-Length: 4", b"abcdef", b"abcd"),
        (b"Content-Length: 4, 4\r\nContent-Length: 4", b"abcd", b"abcd"),
        (b"Content-Length: 0", b"abcd", b""),
        (b"Transfer-Encoding: chunked", b"2\r\nab\r\n2;x=y\r\ncd\r\n0\r\n\r\nmore", b"abcd"),
        (b"Transfer-Encoding: chunked", b"2\nab\n02 \ncd\n0\nTrailer: x\n\n", b"abcd"),
        (b"Transfer-Encoding: Chunked\r\nContent-Length: 1", b"1\r\na\r\n0\r\n\r\n", b"a"),
    ],
)
def test_bodies_that_say_where_they_end(head: bytes, sent: bytes, body: bytes, size: int) -> None:
    reader, read_body = read(b"HTTP/1.1 200 OK\r\nno colon\r\n" + head + b"\r\n\r\n" + sent, size)
    assert (read_body, reader.complete, reader.ends_with_connection) == (body, True, True)
    assert reader.head.status == 200


@pytest.mark.parametrize("size", [1, 10**9])
@pytest.mark.parametrize(
    "head",
    [
        *(b"X: y", b"Content-Length: ", b"Content-Length: abc", b"Content-Length: -1"),
        *(b"Content-Length: 10 bytes", b"Content-Length: 1.5", b"Transfer-Encoding: binary"),
        b"Content-Length: " + b"9" * 100,
    ],
)
def test_other_bodies_end_with_the_connection(head: bytes, size: int) -> None:
    reader, body = read(b"\r\nHTTP/1.1 200 OK\r\n" + head + b"\r\n\r\nabcdef", size)
    assert (body, reader.complete) == (b"abcdef", False)
    assert reader.ends_with_connection is (b"10 bytes" not in head)


def test_a_body_that_ends_early_is_not_at_its_end() -> None:
    for head in (b"Content-Length: 99", b"Transfer-Encoding: chunked"):
        reader, _ = read(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n4\r\nabcd\r\n")
        assert not reader.ends_with_connection
    assert not read(b"HTTP/1.1 200 OK\r\nA: b")[0].ends_with_connection


def test_interim_answers_and_answers_without_a_body() -> None:
    reader, body = read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\nx")
    assert (reader.head.status, reader.complete, body) == (204, True, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"\r\n" * 200_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 400_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        b"\r\n" * 10,
    ],
)
def test_what_is_broken_or_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read(data, 16_384)


_TOKENS = [
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 C\r\n\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Content-Length: 5\r\n", b"\r\n", b"\n", b"2\r\nab\r\n", b"1\na\n", b"0\r\n\r\n", b"a: b\n"),
]


@given(
    st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=3), max_size=20).map(b"".join),
    st.integers(1, 9),
)
def test_cuts_change_nothing(data: bytes, size: int) -> None:
    outcomes = []
    for at_once in (size, 10**9):
        reader, body = new_reader(), b""
        with suppress(BrokenAnswer):
            for start in range(0, len(data), at_once):
                for piece in reader.read(data[start : start + at_once]):
                    body += piece
        outcomes.append((body, reader.complete, reader.head.status, reader.head.fields))
    assert outcomes[0] == outcomes[1]


@given(repetitions(_TOKENS), st.sampled_from([7, 16_384, 10**9]))
@example(lambda size: _TOKENS[0] + _TOKENS[2] + b"\r\n" + _TOKENS[6] * (size // 6), 16_384)
@example(lambda size: _TOKENS[0] + b"A: " + b"b" * size, 7)
@settings(max_examples=40)
def test_reading_takes_time_in_proportion(make: Maker, size: int) -> None:
    def work(data: bytes) -> None:
        with suppress(BrokenAnswer):
            read(data, size)

    assert_linear(work, make, 20_000)
