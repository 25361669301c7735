"""Stored objects as files that are read by ranges, from any place and without a copy."""

import io
from collections.abc import Callable

import google.cloud.storage as gcs
from google.api_core.exceptions import NotFound as ObjectNotFound

_AHEAD = 1024 * 1024  # bytes that one request asks for at least


class RangedReader(io.RawIOBase):
    """One generation of an object; `read` raises `FileNotFoundError` once that is gone.

    `check` is called before each request and may raise to stop.
    """

    def __init__(
        self,
        blob: gcs.Blob,
        size: int,
        check: Callable[[], None],
        timeout: tuple[int, int],
        retry: object,
    ) -> None:
        self._blob, self._size, self._check = blob, size, check
        self._request = {"timeout": timeout, "retry": retry, "raw_download": True}
        self._place = 0
        self._start, self._data = 0, b""  # what was asked for last

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, without a request; return the place."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes; fewer only at the object's end."""
        left = max(0, self._size - self._place)
        size = left if size < 0 else min(size, left)
        if not size:
            return b""
        begin = self._place - self._start
        if begin < 0 or begin + size > len(self._data):
            self._check()
            self._start, begin = self._place, 0
            self._data = self._fetch(min(left, max(size, _AHEAD)))
        piece = self._data[begin : begin + size]
        self._place += len(piece)
        return piece

    def _fetch(self, size: int) -> bytes:
        try:
            data = self._blob.download_as_bytes(
                start=self._place, end=self._place + size - 1, **self._request
            )
        except ObjectNotFound:
            raise FileNotFoundError(self._blob.name) from None
        return bytes(data)
