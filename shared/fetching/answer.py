"""One answer as it arrives: its headers judged, its body decoded within limits."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from shared.fetching.content_codings import BodyDecoder
from shared.fetching.exchange import SITE_FILES, Failure, FetchTask
from shared.fetching.headers import HeaderReader
from shared.rights.answers import list_header_signals
from shared.rights.signals import RightsPolicy, find_refusal

# Reading a short error page to its end costs less than a new connection.
_DRAIN = 64 * 1024
_SMALL = 8 * 1024  # smaller pieces are put together
_SLACK = 64 * 1024


@dataclass(slots=True)
class BodyBudget:
    """Body bytes in memory that the consumer does not have yet.

    Above `limit` every transfer pauses except `oldest` so that one always ends.
    `peak` is the most that there ever was.
    """

    limit: int
    used: int = 0
    peak: int = 0
    oldest: object = None

    def add(self, size: int) -> None:
        """Count bytes that have arrived."""
        self.used += size
        self.peak = max(self.peak, self.used)


class IncomingAnswer:
    """The part of an answer to `task` that has arrived.

    `received` counts the bytes of the decoded body, all of which are in `budget`, `arrived` those
    that came for it. With `failure`, no more is wanted. `signals` are what the site and the headers
    say about the use of the content. `cut` says that the body was complete, or
    long enough, before the connection ended; `is_about_another` that it is "not modified" and names
    another answer than the one that was asked about.
    """

    def __init__(
        self, task: FetchTask, max_bytes: int, budget: BodyBudget, rights: RightsPolicy
    ) -> None:
        self.head = HeaderReader()
        self.headers: dict[str, str] = {}
        self.received = self.arrived = 0
        self.failure: Failure | None = None
        self.cut = False
        self.needs_libcurl = False
        self.is_about_another = False
        self._task = task
        self._max_bytes = max_bytes
        self._budget = budget
        self._rights = rights
        self.signals = task.signals
        self._stored = task.stored
        self._decoder: BodyDecoder | None = None
        self._blocks: list[bytes | bytearray] = []

    @property
    def status(self) -> int:
        """Return the status, 0 before there is one."""
        return self.head.status

    @property
    def succeeded(self) -> bool:
        """Return whether the status is one with the body that was asked for."""
        return 200 <= self.status < 300

    @property
    def is_unchanged(self) -> bool:
        """Return whether the stored answer that the request was about still holds."""
        return self.status == 304 and self._stored is not None

    def read_line(self, line: bytes) -> None:
        """Take in a line of the headers; trailers are passed over."""
        if self.head.complete:
            return
        self.head.read_line(line)
        if self.head.complete:
            self.headers = self.head.fields
            if self._stored and self.is_unchanged:
                self.is_about_another = not self._stored.agrees(self.headers)
                self.headers = self._stored.update(self.headers)
            self.failure = self._check_headers()

    def add(self, data: bytes) -> bool:
        """Take in a part of the body as it was sent. Return whether more is wanted."""
        self.arrived += len(data)
        if self.failure or self.cut:
            return False
        if not self.succeeded:
            return self.arrived <= _DRAIN
        if self.arrived > 2 * self._max_bytes + _SLACK:
            self.failure = self._fail("too_large", "more bytes came than")
            return False
        if self._decoder is None:
            return self._add_piece(data)
        try:
            for piece in self._decoder.decode(data):
                if not self._add_piece(piece):
                    return False
        except zlib.error as error:
            self.failure = Failure("bad_response", f"Content-Encoding: {error}", self.status)
            return False
        return True

    def get_body(self) -> bytes:
        """Return the body as far as it has arrived."""
        return b"".join(self._blocks)

    def _add_piece(self, piece: bytes) -> bool:
        if self.received + len(piece) > self._max_bytes:
            if self._task.request.kind not in SITE_FILES:
                self.failure = self._fail("too_large", "more bytes came than")
                return False
            piece, self.cut = piece[: self._max_bytes - self.received], True
        if len(piece) >= _SMALL:
            self._blocks.append(piece)
        elif self._blocks and len(self._blocks[-1]) < _SMALL:
            self._blocks[-1] += piece  # a body may come in millions of pieces
        else:
            self._blocks.append(bytearray(piece))
        self.received += len(piece)
        self._budget.add(len(piece))
        return not self.cut

    def _check_headers(self) -> Failure | None:
        """Return why the body is not wanted, judged by the headers, or None."""
        if self.is_unchanged:
            return self._check_rights()
        if not self.succeeded:
            return None
        label = self.headers.get("content-encoding")
        if label and self._task.mode != "decoded":
            self._decoder = BodyDecoder(label)
            self.needs_libcurl = self._decoder.foreign and self._task.mode == "plain"
        if self._task.request.kind in SITE_FILES:
            return None
        if refusal := self._check_rights():
            return refusal
        length = self.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:19]) > self._max_bytes:
            return self._fail("too_large", f"{length[:19]} bytes are announced")
        return None

    def _check_rights(self) -> Failure | None:
        self.signals += tuple(list_header_signals(self.headers, self._task.url))
        refusal = find_refusal(self.signals, self._rights)
        return Failure("opted_out", refusal, self.status) if refusal else None

    def _fail(self, reason: str, what: str) -> Failure:
        return Failure(reason, f"{what}, {self._max_bytes} are allowed", self.status)
