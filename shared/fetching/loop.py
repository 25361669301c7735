"""libcurl's many transfers on one thread, driven by readiness instead of descriptor sets."""

from __future__ import annotations

import selectors
from time import monotonic
from typing import NamedTuple

import pycurl

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_INTEREST = {
    pycurl.POLL_IN: _READ,
    pycurl.POLL_OUT: _WRITE,
    pycurl.POLL_INOUT: _READ | _WRITE,
}


class TransferEnd(NamedTuple):
    """The end of a transfer: libcurl's error code, 0 for none, and its message."""

    curl: pycurl.Curl
    code: int
    message: str


class CurlLoop:
    """A multi handle with its connection cache; not for use by two threads at once.

    `CurlMulti.select` does not see descriptors above 1023, and spins.
    """

    def __init__(self, max_connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._alarm: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, max_connections)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_alarm)

    def start(self, curl: pycurl.Curl) -> None:
        """Begin a transfer; `wait` reports its end."""
        self._multi.add_handle(curl)

    def stop(self, curl: pycurl.Curl) -> None:
        """Take a transfer out, ended or not."""
        self._multi.remove_handle(curl)

    def wait(self, timeout: float) -> list[TransferEnd]:
        """Move data for at most `timeout` seconds without news, and return what has ended."""
        if self._alarm is not None:
            timeout = min(timeout, self._alarm - monotonic())
        for key, mask in self._selector.select(max(0.0, timeout)):
            bits = pycurl.CSELECT_IN if mask & _READ else 0
            bits |= pycurl.CSELECT_OUT if mask & _WRITE else 0
            self._multi.socket_action(key.fd, bits)
        if self._alarm is not None and self._alarm <= monotonic():
            self._alarm = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._pop_ended()

    def close(self) -> None:
        """Close every connection."""
        self._multi.close()
        self._selector.close()

    def _pop_ended(self) -> list[TransferEnd]:
        ended: list[TransferEnd] = []
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            ended += (TransferEnd(curl, 0, "") for curl in good)
            ended += (TransferEnd(*failed) for failed in bad)
        return ended

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
