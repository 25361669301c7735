"""multipart/related upload bodies (RFC 2387): metadata first, then the media, as a stream."""

import re
from collections.abc import Iterator

from infra.emulators.storage.errors import InvalidArgument

_HEAD_LIMIT = 128 * 1024  # bytes before the media
# `gcloud storage` puts the boundary in single quotes, which quote nothing in HTTP.
_BOUNDARY = re.compile(r"""\bboundary=(["']?)([!-~]{1,200}?)\1\s*(?:;|$)""", re.IGNORECASE)


class MultipartBody:
    """The two parts: `metadata` is read at once, `media` must be consumed to its end.

    Lines may end in LF alone, as in what `gcloud storage cp` sends. The first line decides for the
    whole body.
    """

    def __init__(self, content_type: str, pieces: Iterator[bytes]) -> None:
        match = _BOUNDARY.search(content_type)
        if not match:
            raise InvalidArgument("A multipart upload needs a Content-Type with its boundary.")
        delimiter = b"--" + match[2].encode()
        self._pieces = pieces
        self._buffer = bytearray()
        self._read_until(delimiter)
        line_end = self._find_line_end()
        self._mark = line_end + delimiter
        self._read_until(line_end * 2)
        self.metadata = self._read_until(self._mark)
        self.content_type = _read_content_type(self._read_until(line_end * 2))

    @property
    def media(self) -> Iterator[bytes]:
        """The second part. Raises `InvalidArgument` when the last delimiter is missing."""
        mark = self._mark
        while (at := self._buffer.find(mark)) < 0:
            safe = len(self._buffer) - len(mark) + 1
            if safe > 0:
                yield bytes(self._buffer[:safe])
                del self._buffer[:safe]
            self._read_more()
        yield bytes(self._buffer[:at])
        del self._buffer[: at + len(mark)]
        while len(self._buffer) < 2:
            self._read_more()
        if not self._buffer.startswith(b"--"):
            raise InvalidArgument("A multipart upload has exactly two parts.")
        for _ in self._pieces:
            continue  # an epilogue means nothing

    def _find_line_end(self) -> bytes:
        """Return what ends the line at the beginning of the buffer."""
        while (at := self._buffer.find(b"\n")) < 0:
            self._check_head()
            self._read_more()
        return b"\r\n" if self._buffer[at - 1 : at] == b"\r" else b"\n"

    def _read_until(self, mark: bytes) -> bytes:
        searched = 0
        while (at := self._buffer.find(mark, searched)) < 0:
            self._check_head()
            searched = max(0, len(self._buffer) - len(mark) + 1)
            self._read_more()
        head = bytes(self._buffer[:at])
        del self._buffer[: at + len(mark)]
        return head

    def _check_head(self) -> None:
        if len(self._buffer) > _HEAD_LIMIT:
            raise InvalidArgument("The metadata of a multipart upload is too large.")

    def _read_more(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise InvalidArgument("The body is not complete multipart/related content.")
        self._buffer += piece


def _read_content_type(headers: bytes) -> str | None:
    for line in headers.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-type":
            return value.strip().decode("latin-1")
    return None
