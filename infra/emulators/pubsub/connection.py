"""An HTTP connection for pushes: kept alive, and bounded in time."""

import contextlib
import http.client
import select
import socket
import time
from urllib.parse import urlsplit

_HEADERS = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google"}
_MAX_ANSWER = 65_536


class Connection:
    """One HTTP connection that is kept alive between requests to the same server."""

    def __init__(self) -> None:
        self._origin: tuple[str, str] | None = None
        self._http: http.client.HTTPConnection | None = None
        self._is_cut = False

    def post(self, url: str, body: bytes, timeout: float) -> int:
        """Return the answer's status, or 0 when there is none within `timeout` seconds."""
        end = time.monotonic() + timeout
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection = self._connect(parts.scheme, parts.netloc, timeout)
            self._limit(end)
            connection.request("POST", path, body, _HEADERS)
            self._limit(end)
            response = connection.getresponse()
            self._limit(end)
            if response.status < 200 or len(response.read(_MAX_ANSWER)) == _MAX_ANSWER:
                self.close()
            return response.status
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return 0

    def cut(self) -> None:
        """End the request under way, and every later one; for another thread."""
        self._is_cut = True
        connection = self._http
        if connection and connection.sock:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back."""
        if self._http:
            self._http.close()
        self._http = self._origin = None

    def _connect(self, scheme: str, netloc: str, timeout: float) -> http.client.HTTPConnection:
        if self._http and self._origin == (scheme, netloc) and self._is_alive(self._http):
            return self._http
        self.close()
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        self._http, self._origin = kind(netloc, timeout=timeout), (scheme, netloc)
        self._http.connect()
        if self._is_cut:
            raise ConnectionAbortedError
        return self._http

    def _is_alive(self, connection: http.client.HTTPConnection) -> bool:
        """Return whether the server has not closed it: then an idle one has something to read."""
        if connection.sock is None:
            return False
        poll = select.poll()
        poll.register(connection.sock, select.POLLIN)
        return not poll.poll(0)

    def _limit(self, end: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self._http and self._http.sock:
            self._http.sock.settimeout(left)
