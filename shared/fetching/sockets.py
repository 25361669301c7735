"""Sockets for libcurl, opened only to addresses that the policy permits."""

from __future__ import annotations

import socket
from typing import Any

from shared.fetching.addresses import AddressPolicy


class _SocketForCurl(socket.socket):
    """A socket for libcurl, which works on a duplicate: closed as soon as it is dropped here."""

    def __del__(self) -> None:
        self.close()


def open_socket(policy: AddressPolicy, host: str, address: Any) -> socket.socket | None:
    """Open a socket to the address that a URL's host resolved to; None where that is refused.

    `address` is what libcurl hands to its OPENSOCKETFUNCTION. It is the one that is connected to,
    so neither a rebinding name nor an odd notation gets past the policy.
    """
    if address.family in (socket.AF_INET, socket.AF_INET6):
        ip, port = address.addr[:2]
        if policy.permits(ip, port, host):
            return _SocketForCurl(address.family, address.socktype, address.protocol)
    return None
