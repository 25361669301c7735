"""HTTP/1 read by ourselves, for answers that libcurl refuses and browsers read.

libcurl ends a transfer at a header line without a colon, a Content-Length that is no number, an
unknown Transfer-Encoding. Then it makes the connection only, guarded and verified as ever, and the
bytes that come are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.fetching.answer import IncomingAnswer
from shared.fetching.urls import Target

_MAX_HEAD = 300 * 1024  # as libcurl
_MAX_LINE = 16 * 1024  # of a chunk's size with its extensions, and of a trailer
_MAX_FRAMING = 8  # bytes of chunk sizes for each byte of the body
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;|\Z)")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class BrokenAnswer(ValueError):
    """The answer cannot be read as HTTP/1."""


def build_request(path: str, target: Target, headers: Sequence[str]) -> bytes:
    """Return the bytes of a GET request for a path and query, after which the server hangs up."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {target.authority}", *headers, "Connection: close"]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


class RawReader:
    """Reads an answer from the bytes of its connection: its headers, and its body in pieces.

    `complete` says that the body has ended; one without a length ends with the connection.
    """

    def __init__(self, answer: IncomingAnswer) -> None:
        self.head = answer.head
        self.complete = False
        self._answer = answer
        self._framing = 0  # bytes of lines
        self._delivered = 0
        self._buffer = bytearray()
        self._scanned = 0
        self._chunked = False
        self._in_trailer = False
        self._left: int | None = 0  # bytes of the body, or of its chunk; None: until the end

    @property
    def ends_with_connection(self) -> bool:
        """Return whether the end of the connection is the end of the answer."""
        return self.head.complete and (self.complete or self._left is None)

    def read(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes bring of the body. Raises `BrokenAnswer`."""
        self._buffer += data
        start = 0
        while not self.complete:
            if self.head.complete and self._left != 0:
                end = len(self._buffer) if self._left is None else start + self._left
                piece = bytes(self._buffer[start:end])
                start += len(piece)
                self._delivered += len(piece)
                if self._left is not None:
                    self._left -= len(piece)
                    self.complete = self._left == 0 and not self._chunked
                if piece:
                    yield piece
                if start == len(self._buffer):
                    break
                continue
            end = self._buffer.find(b"\n", max(start, self._scanned))
            if end < 0:
                self._check_line(len(self._buffer) - start)
                break
            self._check_line(end - start)
            self._read_line(bytes(self._buffer[start:end]))
            start = end + 1
        del self._buffer[:start]
        self._scanned = len(self._buffer)

    def _check_line(self, size: int) -> None:
        if self._framing + size > _MAX_HEAD + _MAX_FRAMING * self._delivered or (
            self.head.complete and size > _MAX_LINE
        ):
            raise BrokenAnswer("the headers are too long")

    def _read_line(self, line: bytes) -> None:
        self._framing += len(line) + 1
        if self.head.complete:
            self._read_chunk_line(line.strip())
            return
        if not line.strip() and not self.head.status and self._framing < 8:
            return  # line breaks before the status line
        try:
            self._answer.read_line(line)
        except ValueError as error:
            raise BrokenAnswer(str(error)) from error
        if self.head.complete:
            self._begin_body()

    def _begin_body(self) -> None:
        fields = self.head.fields
        codings = re.split(r"[\s,]+", fields.get("transfer-encoding", "").lower())
        lengths = set(re.split(r"[\s,]+", fields.get("content-length", "")))
        sizes = {int(text) for text in lengths if _LENGTH.fullmatch(text)}
        if self.head.status in (101, 204, 304):
            self.complete = True
        elif "chunked" in codings:
            self._chunked = True
        elif len(sizes) > 1:
            raise BrokenAnswer("two different lengths are announced")
        else:
            self._left = sizes.pop() if sizes else None
            self.complete = self._left == 0

    def _read_chunk_line(self, line: bytes) -> None:
        if self._in_trailer:
            self.complete = not line
        elif line:  # else the line break that ends a chunk
            found = _CHUNK_SIZE.match(line)
            if not found:
                raise BrokenAnswer("a chunk has no size")
            self._left = int(found[1], 16)
            self._in_trailer = self._left == 0
