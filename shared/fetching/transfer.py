"""One reusable curl handle: a guarded connection, capped bytes, one answer at a time."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pycurl

from shared.fetching.addresses import AddressPolicy
from shared.fetching.answer import BodyBudget, IncomingAnswer
from shared.fetching.exchange import (
    OPENED_BY,
    Failure,
    FetchMode,
    FetchTask,
    explain_curl_error,
    explain_status,
)
from shared.fetching.loop import CurlLoop, RawStream
from shared.fetching.raw_http import BrokenAnswer, RawReader, build_request
from shared.fetching.sockets import open_socket
from shared.rights.signals import RightsPolicy

_HTTP1, _HTTP2 = pycurl.CURL_HTTP_VERSION_1_1, pycurl.CURL_HTTP_VERSION_2TLS
# libcurl's refusals of a head: a line without a colon or a length that is no number, a status
# line that it does not know, an unknown Transfer-Encoding.
_UNREADABLE = frozenset(
    {pycurl.E_FTP_WEIRD_SERVER_REPLY, pycurl.E_UNSUPPORTED_PROTOCOL, pycurl.E_BAD_CONTENT_ENCODING}
)
_ACCEPT = {
    "image": ("image/*,*/*;q=0.5", "identity"),
    "page": ("text/html,application/xhtml+xml,*/*;q=0.5", "gzip"),
    "sitemap": ("application/xml,text/xml,*/*;q=0.5", "gzip"),
    "json": ("application/json", "gzip"),
    "robots": ("text/plain,*/*;q=0.5", "gzip"),
    "tdmrep": ("application/json,*/*;q=0.5", "gzip"),
    "rsl": ("application/rsl+xml,*/*;q=0.5", "gzip"),
}


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Bounds of one transfer: bytes of the decoded body, seconds, bytes per second."""

    max_bytes: int
    connect_timeout: float
    total_timeout: float
    min_rate: float
    stall_time: float


class Transfer:
    """A curl handle with its options and callbacks, reused for one task after another.

    Every socket is opened by `_open`, which asks the policy about the address that the name
    really resolved to, so neither a redirect, a rebinding name nor an odd notation gets past it.
    """

    task: FetchTask
    answer: IncomingAnswer

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
        self.refused = False
        self.paused = False
        self.started = self.marked = 0.0
        self._marked_bytes = 0
        self._user_agent = user_agent
        self._raw: RawReader | None = None
        self._stream: RawStream | None = None
        self.curl = pycurl.Curl()
        options: dict[int, Any] = {
            pycurl.NOSIGNAL: 1,
            pycurl.PROXY: "",
            pycurl.NOPROXY: "*",
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.NETRC: pycurl.NETRC_IGNORED,
            pycurl.HTTP09_ALLOWED: 0,
            pycurl.SSL_VERIFYPEER: 1,
            pycurl.SSL_VERIFYHOST: 2,
            pycurl.CAINFO: ca_file,
            pycurl.CONNECTTIMEOUT_MS: int(limits.connect_timeout * 1000),
            pycurl.BUFFERSIZE: 128 * 1024,
            pycurl.USERAGENT: user_agent,
            pycurl.OPENSOCKETFUNCTION: self._open,
            pycurl.HEADERFUNCTION: self._read_header,
            pycurl.WRITEFUNCTION: self._write,
        }
        for option, value in options.items():
            self.curl.setopt(option, value)
        if resolve:
            self.curl.setopt(pycurl.RESOLVE, list(resolve))

    def set_up(self, task: FetchTask, now: float, rights: RightsPolicy) -> None:
        """Set the handle up for a task; `now` is the run's clock in seconds."""
        request = task.request
        self.task = task
        max_bytes = min(request.max_bytes or self.limits.max_bytes, self.limits.max_bytes)
        self.answer = IncomingAnswer(task, max_bytes, self.budget, rights)
        self.refused = self.paused = False
        self.started = self.marked = now
        self._marked_bytes = 0
        accept, encoding = _ACCEPT[request.kind]
        headers = [f"Accept: {accept}"]
        for name, value in request.headers.items():
            if not (task.left_origin and name.lower() in ("authorization", "cookie")):
                headers.append(f"{name}: {value}")
        if stored := task.stored:
            headers += [f"{name}: {value}" for name, value in stored.list_conditions()]
        if referrer := task.referrer:
            headers.append(f"Referer: {referrer}")
        if task.mode == "raw":
            headers += [f"User-Agent: {self._user_agent}", f"Accept-Encoding: {encoding}"]
            self._raw = RawReader(self.answer)
            self._stream = RawStream(build_request(task.path, task.target, headers), self._write)
        else:
            self._raw = self._stream = None
        self.curl.setopt(pycurl.URL, task.url)
        # Spelt as it is: libcurl would write the escapes of a path in capitals.
        self.curl.setopt(pycurl.REQUEST_TARGET, task.path)
        self.curl.setopt(pycurl.HTTPHEADER, headers)
        self.curl.setopt(pycurl.CONNECT_ONLY, self._stream is not None)
        self.curl.setopt(pycurl.FRESH_CONNECT, self._stream is not None)
        self.curl.setopt(pycurl.HTTP_VERSION, _HTTP1 if self._stream else _HTTP2)
        # Worth a wait for what TLS negotiates; without TLS it would hold back every connection
        # to a host until the first has answered.
        self.curl.setopt(pycurl.PIPEWAIT, task.target.scheme == "https")
        self.curl.setopt(pycurl.ACCEPT_ENCODING, encoding)
        self.curl.setopt(pycurl.HTTP_CONTENT_DECODING, task.mode == "decoded")

    def start(self, loop: CurlLoop) -> None:
        """Begin what `set_up` has prepared."""
        loop.start(self.curl, self._stream)

    def check_time(self, now: float) -> Failure | None:
        """Return a timeout failure when the transfer is slow, or None. `now` as in `set_up`."""
        if now - self.started > self.limits.total_timeout:
            detail = f"not complete after {self.limits.total_timeout:g} s"
            return Failure("timeout", detail, retryable=True)
        if self.paused or not self.answer.head.complete:
            self.marked, self._marked_bytes = now, self.answer.arrived
            return None
        if now - self.marked < self.limits.stall_time:
            return None
        rate = (self.answer.arrived - self._marked_bytes) / (now - self.marked)
        self.marked, self._marked_bytes = now, self.answer.arrived
        if rate >= self.limits.min_rate:
            return None
        return Failure("timeout", f"only {rate:.0f} bytes/s arrive", retryable=True)

    def resume(self, loop: CurlLoop) -> None:
        """Go on after a pause."""
        self.paused = False
        loop.resume(self.curl)

    def explain_end(self, code: int, message: str) -> Failure | None:
        """Return the failure that an end with this libcurl code means, or None.

        A status outweighs a broken error page.
        """
        answer = self.answer
        if answer.failure:
            return answer.failure
        if answer.head.complete and answer.is_unchanged:
            return None
        if answer.head.complete and not answer.succeeded:
            return explain_status(answer.status)
        if self.refused and not answer.status:
            detail = f"the name leads to an address that is not public; {OPENED_BY}"
            return Failure("blocked_address", detail)
        if answer.cut:
            return None
        # TLS without its closing alert, which browsers do not miss where nothing else is missing.
        if code == pycurl.E_RECV_ERROR and "unexpected eof" in message and self._has_no_length():
            return None
        if code:
            return explain_curl_error(code, message)
        if self._raw and not answer.head.complete:
            return Failure("bad_response", "the answer is not HTTP")
        if self._raw and not self._raw.ends_with_connection:
            return Failure("connection_reset", "the answer ended early", retryable=True)
        return None

    def _has_no_length(self) -> bool:
        """Return whether the body goes on until the connection ends."""
        if self._raw:
            return self._raw.ends_with_connection
        headers = self.answer.headers
        http1 = self.curl.getinfo(pycurl.INFO_HTTP_VERSION) <= pycurl.CURL_HTTP_VERSION_1_1
        sized = "content-length" in headers or "transfer-encoding" in headers
        return self.answer.head.complete and http1 and not sized

    def find_other_mode(self, code: int) -> FetchMode | None:
        """Return the way in which the same request may bring an answer that can be read, or None.

        `code` is libcurl's, of the end of the transfer.
        """
        if self.task.mode != "plain" or self.refused:
            return None
        if self.answer.needs_libcurl:
            return "decoded"
        return "raw" if code in _UNREADABLE else None

    def clear_answer(self) -> None:
        """Drop the answer, and with it its body."""
        del self.answer
        self._raw = self._stream = None

    def _open(self, purpose: int, address: Any) -> socket.socket | int:
        """Open a socket to an address that the policy permits, for libcurl to connect."""
        opened = open_socket(self.policy, self.task.target.host, address)
        self.refused |= opened is None
        return pycurl.SOCKET_BAD if opened is None else opened

    def _read_header(self, line: bytes) -> int | None:
        """Take a line of the headers. Returning -1 makes libcurl end the transfer."""
        try:
            self.answer.read_line(line)
        except ValueError as error:
            self.answer.failure = Failure("bad_response", str(error))
        return -1 if self.answer.failure or self.answer.needs_libcurl else None

    def _write(self, data: bytes) -> int | None:
        """Take a part of the answer. Returning 0 makes libcurl end the transfer."""
        if self.budget.used > self.budget.limit and self.budget.oldest is not self:
            self.paused = True
            return pycurl.WRITEFUNC_PAUSE
        if self._raw is None:
            return None if self.answer.add(data) else 0
        try:
            for piece in self._raw.read(data):
                if not self.answer.add(piece):
                    return 0
        except BrokenAnswer as error:
            self.answer.failure = Failure("bad_response", str(error), self.answer.status or None)
        self.answer.cut |= self._raw.complete
        return 0 if self.answer.failure or self.answer.cut else None
