"""Ranges of bytes, of a file here or of one that is served (RFC 9110, section 14)."""

import http.client
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from pixmill.errors import BadSource, TransferFailed

_TRIES = 5
_TIMEOUT = 60  # seconds without an answer


class Ranges(Protocol):
    """Something of which ranges can be read, by several threads at once."""

    def find_size(self) -> int:
        """Return how many bytes it has."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to below `end`. Raises `TransferFailed`."""
        ...

    def close(self) -> None:
        """Let go of what it holds; what is read afterwards opens it again."""
        ...


class FileRanges:
    """A file. It is opened by whoever reads first, so that it can be handed to other processes."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise BadSource(f"There is no file {path}.")
        self.__setstate__({"_path": path})

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs: the open file is not among it."""
        return {"_path": self._path}

    def __setstate__(self, state: dict[str, Path]) -> None:
        """Begin without an open file."""
        self._path = state["_path"]
        self._file: IO[bytes] | None = None
        self._process = 0
        self._lock = threading.Lock()

    def find_size(self) -> int:
        """Return how many bytes it has."""
        return self._path.stat().st_size

    def read(self, start: int, end: int) -> bytes:
        """Return a range. Raises `TransferFailed` where the file ends before."""
        with self._lock:
            if self._file is None or self._process != os.getpid():
                self._file, self._process = self._path.open("rb"), os.getpid()
            number = self._file.fileno()
        data = os.pread(number, end - start, start)
        if len(data) < end - start:
            raise TransferFailed(f"{self._path} ends before byte {end}: download it again.")
        return data

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


class WebRanges:
    """A file that is served; connections are kept for the next range until it is closed.

    An address that is refused (401, 403) is asked for again where it comes from a function: signed
    ones run out.
    """

    def __init__(self, address: str | Callable[[], str]) -> None:
        self._find = address if callable(address) else None
        self._address = address() if callable(address) else address
        self._idle = deque[tuple[str, http.client.HTTPConnection]]()

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs: connections are not among it."""
        return {"_find": self._find, "_address": self._address}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Begin without connections."""
        self.__dict__.update(state)
        self._idle = deque[tuple[str, http.client.HTTPConnection]]()

    def close(self) -> None:
        """Close the connections; the next range opens new ones."""
        while self._idle:
            self._idle.pop()[1].close()

    def find_size(self) -> int:
        """Return how many bytes it has. Raises `TransferFailed`."""
        answer, _ = self._ask(0, 1)
        total = (answer.getheader("Content-Range") or "").rpartition("/")[2]
        if not total.isdigit():
            raise TransferFailed("The server does not say how large the file is.")
        return int(total)

    def read(self, start: int, end: int) -> bytes:
        """Return a range. Raises `TransferFailed` where the server does not give it."""
        _, data = self._ask(start, end)
        if len(data) != end - start:
            raise TransferFailed(f"The server gave {len(data)} bytes in place of {end - start}.")
        return data

    def _ask(self, start: int, end: int) -> tuple[http.client.HTTPResponse, bytes]:
        reason = ""
        for attempt in range(_TRIES):
            address = self._address
            try:
                answer, data = self._send(address, start, end)
            except (OSError, http.client.HTTPException) as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                if answer.status == 206:
                    return answer, data
                reason = f"status {answer.status}"
                if answer.status in (401, 403) and self._find:
                    if address == self._address:
                        self._address = self._find()
                    continue
                if answer.status == 200:
                    raise TransferFailed("The server knows no ranges: download the file instead.")
                if answer.status not in (408, 429) and answer.status < 500:
                    break
            time.sleep(min(0.1 * 2**attempt, 2))
        raise TransferFailed(f"The file's range {start} to {end} could not be read ({reason}).")

    def _send(self, address: str, start: int, end: int) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(address)
        host = f"{parts.scheme}://{parts.netloc}"
        connection = self._connect(host)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.request("GET", target, headers={"Range": f"bytes={start}-{end - 1}"})
            answer = connection.getresponse()
            data = answer.read() if answer.status != 200 else b""  # all of the file: not to be read
        except BaseException:
            connection.close()
            raise
        if answer.status == 200:
            connection.close()
        else:
            self._idle.append((host, connection))
        return answer, data

    def _connect(self, host: str) -> http.client.HTTPConnection:
        while True:
            try:
                known, connection = self._idle.pop()
            except IndexError:
                break
            if known == host:
                return connection
            connection.close()
        scheme, _, name = host.partition("://")
        kind = http.client.HTTPConnection if scheme == "http" else http.client.HTTPSConnection
        return kind(name, timeout=_TIMEOUT)
