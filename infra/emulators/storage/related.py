"""multipart/related upload bodies (RFC 2387): metadata first, then the media, as a stream."""

from collections.abc import Iterator

from werkzeug.http import parse_options_header

from infra.emulators.storage.errors import Invalid

_HEAD_LIMIT = 128 * 1024  # bytes before the media


class RelatedBody:
    """The two parts: `metadata` is read at once, `media` must be consumed to its end."""

    def __init__(self, content_type: str, pieces: Iterator[bytes]) -> None:
        boundary = parse_options_header(content_type)[1].get("boundary", "")
        if not 1 <= len(boundary) <= 200 or not boundary.isascii():
            raise Invalid("A multipart upload needs a Content-Type with its boundary.")
        self._mark = b"\r\n--" + boundary.encode()
        self._pieces = pieces
        self._buffer = bytearray(b"\r\n")  # so that the first delimiter looks like the others
        self._until(self._mark)
        self._until(b"\r\n\r\n")
        self.metadata = self._until(self._mark)
        self.content_type = _content_type(self._until(b"\r\n\r\n"))

    @property
    def media(self) -> Iterator[bytes]:
        """The second part. Raises `Invalid` when the body ends without the last delimiter."""
        mark = self._mark
        while (at := self._buffer.find(mark)) < 0:
            safe = len(self._buffer) - len(mark) + 1
            if safe > 0:
                yield bytes(self._buffer[:safe])
                del self._buffer[:safe]
            self._more()
        yield bytes(self._buffer[:at])
        del self._buffer[: at + len(mark)]
        while len(self._buffer) < 2:
            self._more()
        if not self._buffer.startswith(b"--"):
            raise Invalid("A multipart upload has exactly two parts.")
        for _ in self._pieces:
            continue  # an epilogue means nothing

    def _until(self, mark: bytes) -> bytes:
        searched = 0
        while (at := self._buffer.find(mark, searched)) < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise Invalid("The metadata of a multipart upload is too large.")
            searched = max(0, len(self._buffer) - len(mark) + 1)
            self._more()
        head = bytes(self._buffer[:at])
        del self._buffer[: at + len(mark)]
        return head

    def _more(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise Invalid("The body is not complete multipart/related content.")
        self._buffer += piece


def _content_type(headers: bytes) -> str | None:
    for line in headers.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-type":
            return value.strip().decode("latin-1")
    return None
