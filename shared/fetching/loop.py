"""libcurl's many transfers on one thread, driven by readiness instead of descriptor sets."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

import pycurl

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_INTEREST = {
    pycurl.POLL_IN: _READ,
    pycurl.POLL_OUT: _WRITE,
    pycurl.POLL_INOUT: _READ | _WRITE,
}
_PIECE = 64 * 1024
_PIECES_AT_ONCE = 16


class TransferEnd(NamedTuple):
    """The end of a transfer: libcurl's error code, 0 for none, and its message."""

    curl: pycurl.Curl
    code: int
    message: str


@dataclass(eq=False, slots=True)
class RawStream:
    """A connection that libcurl only opens: the bytes to send, and the reader of the answer.

    `write` answers like libcurl's WRITEFUNCTION: None for more, WRITEFUNC_PAUSE to get the same
    bytes again after `CurlLoop.resume`, 0 to end.
    """

    request: bytes
    write: Callable[[bytes], int | None]
    descriptor: int = -1
    watched: bool = False
    unread: bytes = b""


class CurlLoop:
    """A multi handle with its connection cache; not for use by two threads at once.

    `CurlMulti.select` does not see descriptors above 1023, and spins.
    """

    def __init__(self, max_connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._alarm: float | None = None
        self._streams: dict[pycurl.Curl, RawStream] = {}
        self._due: set[pycurl.Curl] = set()  # streams to read without waiting for news
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, max_connections)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_alarm)

    def start(self, curl: pycurl.Curl, stream: RawStream | None = None) -> None:
        """Begin a transfer; `wait` reports its end. A handle with CONNECT_ONLY needs a `stream`."""
        if stream:
            self._streams[curl] = stream
        self._multi.add_handle(curl)

    def stop(self, curl: pycurl.Curl) -> None:
        """Take a transfer out, ended or not."""
        stream = self._streams.pop(curl, None)
        if stream:
            self._watch_stream(curl, stream, False)
        self._due.discard(curl)
        self._multi.remove_handle(curl)

    def resume(self, curl: pycurl.Curl) -> None:
        """Let a paused transfer go on."""
        stream = self._streams.get(curl)
        if stream:
            self._watch_stream(curl, stream, True)
            self._due.add(curl)
        else:
            curl.pause(pycurl.PAUSE_CONT)

    def wait(self, timeout: float) -> list[TransferEnd]:
        """Move data for at most `timeout` seconds without news, and return what has ended."""
        if self._alarm is not None:
            timeout = min(timeout, self._alarm - monotonic())
        due, self._due = self._due, set()
        for key, mask in self._selector.select(0.0 if due else max(0.0, timeout)):
            if key.data:
                due.add(key.data)
                continue
            bits = pycurl.CSELECT_IN if mask & _READ else 0
            bits |= pycurl.CSELECT_OUT if mask & _WRITE else 0
            self._multi.socket_action(key.fd, bits)
        if self._alarm is not None and self._alarm <= monotonic():
            self._alarm = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        ended = [end for curl in due if (end := self._read(curl))]
        return ended + self._pop_ended()

    def close(self) -> None:
        """Close every connection."""
        self._multi.close()
        self._selector.close()

    def _pop_ended(self) -> list[TransferEnd]:
        ended: list[TransferEnd] = []
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            ends = [TransferEnd(curl, 0, "") for curl in good]
            ends += (TransferEnd(*failed) for failed in bad)
            for end in ends:
                if end.code or end.curl not in self._streams:
                    ended.append(end)
                elif failed := self._open(end.curl):
                    ended.append(failed)
        return ended

    def _open(self, curl: pycurl.Curl) -> TransferEnd | None:
        """Send the request of a stream whose connection has been made, and watch for the answer."""
        stream = self._streams[curl]
        try:
            # A request fits into the empty buffer of a new connection.
            if curl.send(stream.request) < len(stream.request):
                return TransferEnd(curl, pycurl.E_SEND_ERROR, "the request was sent in part")
        except (pycurl.error, BlockingIOError) as error:
            return TransferEnd(curl, pycurl.E_SEND_ERROR, str(error))
        stream.descriptor = curl.getinfo(pycurl.ACTIVESOCKET)
        self._watch_stream(curl, stream, True)
        return None

    def _read(self, curl: pycurl.Curl) -> TransferEnd | None:
        """Hand on what a stream has; return its end if it has come."""
        stream = self._streams[curl]
        for _ in range(_PIECES_AT_ONCE):
            try:
                data = stream.unread or curl.recv(_PIECE)
            except BlockingIOError:
                return None
            except pycurl.error as error:
                return TransferEnd(curl, *error.args)
            if not data:
                return TransferEnd(curl, 0, "")
            wanted = stream.write(data)
            stream.unread = data if wanted == pycurl.WRITEFUNC_PAUSE else b""
            if stream.unread:
                self._watch_stream(curl, stream, False)
                return None
            if wanted == 0:
                return TransferEnd(curl, pycurl.E_WRITE_ERROR, "no more is wanted")
        self._due.add(curl)  # TLS may hold more, of which the socket says nothing
        return None

    def _watch_stream(self, curl: pycurl.Curl, stream: RawStream, wanted: bool) -> None:
        if wanted and not stream.watched:
            self._selector.register(stream.descriptor, _READ, curl)
        elif stream.watched and not wanted:
            self._selector.unregister(stream.descriptor)
        stream.watched = wanted

    def _watch(self, what: int, fd: int, multi: pycurl.CurlMulti, data: object) -> None:
        known = fd in self._selector.get_map()
        if what == pycurl.POLL_REMOVE:
            if known:
                self._selector.unregister(fd)
        elif known:
            self._selector.modify(fd, _INTEREST[what])
        else:
            self._selector.register(fd, _INTEREST[what])

    def _set_alarm(self, milliseconds: int) -> None:
        self._alarm = None if milliseconds < 0 else monotonic() + milliseconds / 1000
