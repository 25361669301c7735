"""One reusable curl handle: a guarded connection, capped bytes, one answer at a time."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pycurl

from shared.fetching.addresses import AddressPolicy
from shared.fetching.directives import explain_directives, parse_directives
from shared.fetching.exchange import (
    Failure,
    FetchTask,
    explain_curl_error,
    explain_status,
)

# Reading a short error page to its end costs less than a new connection.
_DRAIN = 64 * 1024
_ACCEPT = {
    "image": ("image/*,*/*;q=0.5", "identity"),
    "page": ("text/html,application/xhtml+xml,*/*;q=0.5", "gzip"),
    "robots": ("text/plain,*/*;q=0.5", "gzip"),
}


@dataclass(slots=True)
class BodyBudget:
    """Body bytes in memory that the consumer does not have yet.

    Above `limit` every transfer pauses except `head`, the oldest, so that one always ends.
    `peak` is the most that was ever held.
    """

    limit: int
    held: int = 0
    peak: int = 0
    head: Transfer | None = None

    def add(self, size: int) -> None:
        """Count bytes that have arrived."""
        self.held += size
        self.peak = max(self.peak, self.held)


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Bounds of one transfer: bytes of the decoded body, seconds, bytes per second."""

    max_bytes: int
    connect_timeout: float
    total_timeout: float
    min_rate: float
    stall_time: float


@dataclass(slots=True)
class _Answer:
    """The part of an answer that has arrived."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    received: int = 0
    complete_headers: bool = False
    failure: Failure | None = None
    cut: bool = False


class _SocketForCurl(socket.socket):
    """A socket for libcurl, which works on a duplicate: closed as soon as it is dropped here."""

    def __del__(self) -> None:
        self.close()


class Transfer:
    """A curl handle with its options and callbacks, reused for one task after another.

    Every socket is opened by `_open`, which asks the policy about the address that the name
    really resolved to, so neither a redirect, a rebinding name nor an odd notation gets past it.
    """

    task: FetchTask

    def __init__(
        self,
        policy: AddressPolicy,
        limits: TransferLimits,
        budget: BodyBudget,
        user_agent: str,
        ca_file: str,
        resolve: Sequence[str],
    ) -> None:
        self.policy = policy
        self.limits = limits
        self.budget = budget
        self.answer = _Answer()
        self.refused = False
        self.paused = False
        self.heed_robots = True
        self.started = self.marked = 0.0
        self._marked_bytes = 0
        self._max_bytes = limits.max_bytes
        self.curl = pycurl.Curl()
        options: dict[int, Any] = {
            pycurl.NOSIGNAL: 1,
            pycurl.PROXY: "",
            pycurl.NOPROXY: "*",
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.NETRC: pycurl.NETRC_IGNORED,
            pycurl.HTTP09_ALLOWED: 0,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_2TLS,
            pycurl.SSL_VERIFYPEER: 1,
            pycurl.SSL_VERIFYHOST: 2,
            pycurl.CAINFO: ca_file,
            pycurl.CONNECTTIMEOUT_MS: int(limits.connect_timeout * 1000),
            pycurl.BUFFERSIZE: 128 * 1024,
            pycurl.USERAGENT: user_agent,
            pycurl.OPENSOCKETFUNCTION: self._open,
            pycurl.HEADERFUNCTION: self._header,
            pycurl.WRITEFUNCTION: self._write,
        }
        for option, value in options.items():
            self.curl.setopt(option, value)
        if resolve:
            self.curl.setopt(pycurl.RESOLVE, list(resolve))

    def set_up(self, task: FetchTask, now: float, heed_robots: bool) -> None:
        """Set the handle up for a task; `now` is the run's clock in seconds."""
        request = task.request
        self.task = task
        self.answer = _Answer()
        self.refused = self.paused = False
        self.heed_robots = heed_robots
        self.started = self.marked = now
        self._marked_bytes = 0
        self._max_bytes = min(request.max_bytes or self.limits.max_bytes, self.limits.max_bytes)
        accept, encoding = _ACCEPT[request.kind]
        headers = [f"Accept: {accept}"]
        for name, value in request.headers.items():
            if not (task.crossed and name.lower() in ("authorization", "cookie")):
                headers.append(f"{name}: {value}")
        self.curl.setopt(pycurl.URL, task.url)
        self.curl.setopt(pycurl.HTTPHEADER, headers)
        # Worth a wait for what TLS negotiates; without TLS it would hold back every connection
        # to a host until the first has answered.
        self.curl.setopt(pycurl.PIPEWAIT, task.target.scheme == "https")
        # Set even to "identity": a server that compresses all the same is then decoded.
        self.curl.setopt(pycurl.ACCEPT_ENCODING, encoding)

    def check_time(self, now: float) -> Failure | None:
        """Return a timeout failure when the transfer is slow, or None. `now` as in `set_up`."""
        if now - self.started > self.limits.total_timeout:
            detail = f"not complete after {self.limits.total_timeout:g} s"
            return Failure("timeout", detail, retryable=True)
        if self.paused or not self.answer.complete_headers:
            self.marked, self._marked_bytes = now, self.answer.received
            return None
        if now - self.marked < self.limits.stall_time:
            return None
        rate = (self.answer.received - self._marked_bytes) / (now - self.marked)
        self.marked, self._marked_bytes = now, self.answer.received
        if rate >= self.limits.min_rate:
            return None
        return Failure("timeout", f"only {rate:.0f} bytes/s arrive", retryable=True)

    def resume(self) -> None:
        """Go on after a pause."""
        self.paused = False
        self.curl.pause(pycurl.PAUSE_CONT)

    def explain_end(self, code: int, message: str) -> Failure | None:
        """Return the failure that an end with this libcurl code means, or None.

        A status outweighs a broken error page.
        """
        answer = self.answer
        if answer.failure:
            return answer.failure
        if answer.complete_headers and not 200 <= answer.status < 300:
            return explain_status(answer.status)
        if self.refused and not answer.status:
            return Failure("blocked_address", "the name leads to an address that is not public")
        return explain_curl_error(code, message) if code and not answer.cut else None

    def clear_answer(self) -> None:
        """Drop the answer, and with it its body."""
        self.answer = _Answer()

    def _open(self, purpose: int, address: Any) -> socket.socket | int:
        """Open a socket to an address that the policy permits, for libcurl to connect."""
        if address.family in (socket.AF_INET, socket.AF_INET6):
            ip, port = address.addr[:2]
            if self.policy.permits(ip, port, self.task.target.host):
                return _SocketForCurl(address.family, address.socktype, address.protocol)
        self.refused = True
        return pycurl.SOCKET_BAD

    def _header(self, line: bytes) -> None:
        answer = self.answer
        if answer.complete_headers:
            return  # a trailer
        name, colon, value = line.partition(b":")
        if line.startswith(b"HTTP/"):
            answer.status = int(line.split(None, 2)[1])
            answer.headers = {}
        elif colon:
            key = name.strip().decode("latin-1").lower()
            text = value.strip().decode("latin-1")
            known = answer.headers.get(key)
            answer.headers[key] = text if known is None else f"{known}\n{text}"
        elif not line.strip() and answer.status >= 200:
            answer.complete_headers = True
            answer.failure = self._check_headers()

    def _check_headers(self) -> Failure | None:
        """Return why the body is not wanted, judged by the headers, or None."""
        answer, kind = self.answer, self.task.request.kind
        if not 200 <= answer.status < 300 or kind == "robots":
            return None
        if self.heed_robots:
            directives = parse_directives(answer.headers.get("x-robots-tag", ""))
            refusal = explain_directives(directives, "the server's X-Robots-Tag")
            if refusal:
                return replace(refusal, http_status=answer.status)
        length = answer.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:19]) > self._max_bytes:
            return self._too_large(f"{length[:19]} bytes are announced")
        return None

    def _too_large(self, what: str) -> Failure:
        return Failure("too_large", f"{what}, {self._max_bytes} are allowed", self.answer.status)

    def _write(self, chunk: bytes) -> int | None:
        """Take a part of the body. Returning 0 makes libcurl end the transfer."""
        answer, budget = self.answer, self.budget
        if answer.failure:
            return 0
        if not 200 <= answer.status < 300:
            answer.received += len(chunk)
            return None if answer.received <= _DRAIN else 0
        if budget.held > budget.limit and budget.head is not self:
            self.paused = True
            return pycurl.WRITEFUNC_PAUSE
        size = len(chunk)
        if answer.received + size > self._max_bytes:
            if self.task.request.kind != "robots":
                answer.failure = self._too_large("more bytes came than")
                return 0
            chunk, answer.cut = chunk[: self._max_bytes - answer.received], True
        answer.chunks.append(chunk)
        answer.received += len(chunk)
        budget.add(len(chunk))
        return 0 if answer.cut else None
