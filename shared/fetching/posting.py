"""One POST to an address that a stranger chose: guarded, without redirects, bounded in time."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import certifi
import pycurl

from shared.fetching.addresses import AddressPolicy
from shared.fetching.exchange import Failure, explain_block, explain_curl_error, explain_status
from shared.fetching.headers import HeaderReader, parse_retry_after
from shared.fetching.sockets import open_socket
from shared.fetching.urls import parse_target


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """The outcome of a POST: a status, or a failure without one.

    `failure` is None for a status of 200 to 299 alone. `excerpt` is the beginning of the body, and
    `retry_after` the seconds that the answer asks to wait for.
    """

    status: int | None
    failure: Failure | None
    excerpt: bytes = b""
    retry_after: float | None = None


def post(
    policy: AddressPolicy,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    connect_timeout: float,
    total_timeout: float,
    max_excerpt: int,
    ca_file: str | None = None,
) -> PostAnswer:
    """Send a body to a normalised URL once, and return what came of it. Never raises for a server.

    Times are in seconds. Only what the policy permits is connected to, checked for the address that
    the name really resolved to; redirects are answers like any other and not followed. After
    `max_excerpt` bytes no more of the answer is read: its status is known by then.
    """
    target = parse_target(url)
    if reason := policy.check_host(target.host, target.port):
        return PostAnswer(None, explain_block(reason))
    head, excerpt = HeaderReader(), bytearray()
    refused = False

    def connect(_: int, address: Any) -> socket.socket | int:
        nonlocal refused
        opened = open_socket(policy, target.host, address)
        refused |= opened is None
        return pycurl.SOCKET_BAD if opened is None else opened

    def read_header(line: bytes) -> int | None:
        try:
            if not head.complete:
                head.read_line(line)
        except ValueError:
            return -1
        return None

    def read_body(data: bytes) -> int | None:
        excerpt.extend(data[: max_excerpt - len(excerpt)])
        return None if len(excerpt) < max_excerpt else 0

    curl = pycurl.Curl()
    options: dict[int, Any] = {
        pycurl.URL: url,
        pycurl.REQUEST_TARGET: url.removeprefix(target.origin),
        pycurl.NOSIGNAL: 1,
        pycurl.PROXY: "",
        pycurl.NOPROXY: "*",
        pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
        pycurl.FOLLOWLOCATION: 0,
        pycurl.NETRC: pycurl.NETRC_IGNORED,
        pycurl.HTTP09_ALLOWED: 0,
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.SSL_VERIFYPEER: 1,
        pycurl.SSL_VERIFYHOST: 2,
        pycurl.CAINFO: ca_file or certifi.where(),
        pycurl.CONNECTTIMEOUT_MS: int(connect_timeout * 1000),
        pycurl.TIMEOUT_MS: int(total_timeout * 1000),
        pycurl.OPENSOCKETFUNCTION: connect,
        pycurl.HEADERFUNCTION: read_header,
        pycurl.WRITEFUNCTION: read_body,
        # Without an Expect a small body goes out at once.
        pycurl.HTTPHEADER: ["Expect:", *(f"{name}: {value}" for name, value in headers.items())],
        pycurl.POST: 1,
        pycurl.POSTFIELDSIZE: len(body),
        pycurl.POSTFIELDS: body,
    }
    ended: tuple[Any, ...] = (0, "")
    try:
        for option, value in options.items():
            curl.setopt(option, value)
        curl.perform()
    except pycurl.error as error:
        ended = error.args
    finally:
        curl.close()
    if head.complete:
        failure = None if 200 <= head.status < 300 else explain_status(head.status)
        return PostAnswer(head.status, failure, bytes(excerpt), parse_retry_after(head.fields))
    if refused:
        detail = "the name leads to an address that is not public"
        return PostAnswer(None, Failure("blocked_address", detail))
    return PostAnswer(None, explain_curl_error(*ended))
