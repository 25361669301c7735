"""Content codings of bodies, undone piece by piece so that a bomb ends at the reader's limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_PIECE = 64 * 1024
_MAX_CODINGS = 4
_MAX_MEMBERS = 1000
_WINDOW = 15
_GZIP_MARK = b"\x1f\x8b"
_GZIP = frozenset({"gzip", "x-gzip"})
_OURS = _GZIP | {"deflate"}
# libcurl undoes these. Nobody asks for them, but some servers send what they have stored.
_LIBCURLS = frozenset({"br", "zstd"})


class BodyDecoder:
    """Undoes what a Content-Encoding says, the last coding first.

    A label with a coding that is none (`aws-chunked`, `UTF-8`, `binary`) leaves the body as it is,
    as in browsers; where it names gzip as well, that is undone if the body begins so. `foreign`
    says that the codings are libcurl's to undo.
    """

    def __init__(self, label: str) -> None:
        codings = [coding.strip() for coding in label.lower().replace("\n", ",").split(",")]
        codings = [coding for coding in codings if coding not in ("", "identity")]
        if len(codings) > _MAX_CODINGS:
            codings = []
        known = _OURS.union(_LIBCURLS).issuperset(codings)
        self.foreign = known and not _OURS.issuperset(codings)
        self._stages: list[_Inflater] = []
        if known and not self.foreign:
            self._stages = [_Inflater(coding in _GZIP) for coding in reversed(codings)]
        elif not known and any("gzip" in coding for coding in codings):
            self._stages = [_Inflater(gzip=True, optional=True)]

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes bring, in small pieces. Raises zlib.error for a broken body."""
        pieces: Iterator[bytes] = iter((data,))
        for stage in self._stages:
            pieces = stage.inflate(pieces)
        return pieces


class _Inflater:
    """One gzip or deflate coding; what follows the end of it is ignored.

    A body that does not begin as gzip does stays as it is where the coding is `optional`.
    """

    def __init__(self, gzip: bool, *, optional: bool = False) -> None:
        self._gzip = gzip
        self._optional = optional
        self._is_plain = False
        self._stream: zlib._Decompress | None = None
        self._members = 0
        self._start = b""
        self._ended = False

    def inflate(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for part in pieces:
            if self._is_plain:
                yield part
                continue
            data, more = part, True  # a full piece may have left some in zlib, without more data
            while (data or more) and not self._ended:
                if self._stream is None:
                    data, more = self._begin_member(data), False
                    if self._is_plain:
                        yield data
                        break
                    continue
                piece = self._stream.decompress(data, _PIECE)
                data, more = self._stream.unconsumed_tail, len(piece) == _PIECE
                yield piece
                if self._stream.eof:
                    data, self._stream = self._stream.unused_data, None
                    self._ended = not self._gzip

    def _begin_member(self, data: bytes) -> bytes:
        """Open the next member once its first bytes are there; return what there is of it."""
        self._start += data
        if len(self._start) < 2:
            return b""
        data, self._start = self._start, b""
        if self._optional and not self._members and data[:2] != _GZIP_MARK:
            self._is_plain = True
        elif self._members and data[:2] != _GZIP_MARK:
            self._ended = True
        elif self._members == _MAX_MEMBERS:
            raise zlib.error(f"more than {_MAX_MEMBERS} gzip members")
        else:
            self._members += 1
            self._stream = zlib.decompressobj(_WINDOW + 16 if self._gzip else _find_window(data))
        return data


def _find_window(data: bytes) -> int:
    """Return zlib's window bits for deflate, negative where the zlib header was left out."""
    is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0  # RFC 1950 §2.2
    return _WINDOW if is_zlib else -_WINDOW
