"""The parts that are read from a request: ids, address, body."""

import io
from typing import Any

import pytest
from flask import Request
from gunicorn.http.errors import InvalidChunkSize
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from shared.declarations import MAX_BODY
from shared.errors import BadRequest, TooLarge, Unauthorized
from shared.runtime.requests import (
    count_values,
    parse_trace_id,
    read_body,
    read_credential,
    read_request_info,
)
from shared.settings import Settings
from tests.growth import assert_linear

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    builder = EnvironBuilder(headers=Headers(named), environ_base={"REMOTE_ADDR": "127.0.0.9"})
    return Request(builder.get_environ())


def settings(proxies: int) -> Settings:
    return Settings(project="p", bucket="b", trusted_proxies=proxies)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, "6.6.6.6", "127.0.0.9"),  # whoever asks may write what they like
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.9"),
        (1, " , ,", "127.0.0.9"),
    ],
)
def test_only_trusted_proxies_say_who_asks(proxies: int, forwarded: str, ip: str) -> None:
    assert read_request_info(request(X_Forwarded_For=forwarded), settings(proxies)).ip == ip


def test_a_trace_is_continued_or_begun() -> None:
    assert read_request_info(request(traceparent=TRACE), settings(0)).traceparent == TRACE
    for given in ("", "nonsense", TRACE + "\t"):
        begun = read_request_info(request(traceparent=given), settings(0)).traceparent
        assert begun != given
        assert len(parse_trace_id(begun) or "") == 32


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic eDp5", "pxk_x"])
def test_no_credential(value: str) -> None:
    with pytest.raises(Unauthorized):
        read_credential(request(Authorization=value))


def test_credentials() -> None:
    assert read_credential(request(Authorization="bearer  pxa_x ")) == "pxa_x"
    assert read_credential(request(X_API_Key="pxk_x")) == "pxk_x"


class Broken(io.RawIOBase):
    """A body whose connection breaks off, or whose chunks make no sense."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def readinto(self, _: Any) -> int:
        raise self.error

    def readable(self) -> bool:
        return True


def body(stream: Any, **environ: Any) -> bytes:
    return read_body(Request({**EnvironBuilder(method="POST").get_environ(), **environ} | {
        "wsgi.input": stream, "wsgi.input_terminated": True
    }))  # fmt: skip


def test_bodies_are_read_up_to_a_limit() -> None:
    assert body(io.BytesIO(b"x" * MAX_BODY)) == b"x" * MAX_BODY
    with pytest.raises(TooLarge):
        body(io.BytesIO(b"x" * (MAX_BODY + 1)))
    with pytest.raises(TooLarge):
        body(Broken(OSError()), CONTENT_LENGTH=str(MAX_BODY + 1))


@pytest.mark.parametrize("error", [OSError("connection reset"), InvalidChunkSize(b"ZZ")])
def test_a_body_that_breaks_off_is_the_clients_fault(error: Exception) -> None:
    with pytest.raises(BadRequest):
        body(io.BufferedReader(Broken(error)))


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b'{"a":1,"b":[2,3]}', 4),
        (b'{"a,b{[":"c\\",[{"}', 1),
        (b'{"a":"b,', 1),
        (b'{"a":"b\\', 1),
    ],
)
def test_values_are_counted_outside_texts(data: bytes, values: int) -> None:
    assert count_values(data) == values


@pytest.mark.parametrize("unit", [b'"', b'\\"', b"\\", b'"\\', b",", b'","', b"x"])
def test_counting_grows_with_the_bytes(unit: bytes) -> None:
    assert_linear(count_values, lambda size: b'"' + unit * (size // len(unit)), 50_000)
