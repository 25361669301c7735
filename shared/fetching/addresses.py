"""The network addresses that a stranger's URL may reach."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

PORTS = frozenset({80, 443, 8000, 8080, 8443})

_LOCAL_NAMES = ("localhost", "metadata")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".onion")

# IANA's special-purpose registry; `ipaddress.is_global` differs between Python releases and
# calls multicast and addresses that wrap a private one global.
_REFUSED_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; holds Alibaba's metadata server
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's wire server: a public number that never leaves the host
        "169.254.0.0/16",  # link-local; holds the metadata server of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; holds Oracle's metadata server
        "192.0.2.0/24",
        "192.88.99.0/24",  # deprecated 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, benchmarks, ORCHID
        "2001:db8::/32",
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # the interface identifiers' first half (RFC 5214 §6.1)


def is_public(ip: str | IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to the public internet, judged by every address it wraps.

    IPv4-mapped, 6to4, Teredo, ISATAP and well-known NAT64 addresses are public when the IPv4
    addresses inside are (RFC 4291, 3056, 4380, 5214, 6052). Everything outside IPv6 global unicast
    is refused, so also IPv4-compatible addresses and local-use NAT64 (64:ff9b:1::/48), in which
    only the network's operator knows where the IPv4 address stands. An address with a zone means an
    interface of this machine, and is refused as is a text that is no address.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        embedded = _find_embedded_ipv4(address)
        if embedded:
            return all(is_public(inner) for inner in embedded)
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and not is_public(
            _take_last_32_bits(address)
        ):
            return False
        return address in _GLOBAL_UNICAST and not any(address in block for block in _REFUSED_V6)
    return not any(address in block for block in _REFUSED_V4)


def _find_embedded_ipv4(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that packets to this address are carried to."""
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (_take_last_32_bits(address),)
    return ()


def _take_last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _is_loopback(ip: str) -> bool:
    try:
        return ip_address(ip).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Rules for connections: public addresses on `ports`, and the loopback pairs in `allow`."""

    allow: frozenset[tuple[str, int]] = frozenset()
    ports: frozenset[int] = PORTS

    @classmethod
    def parse(cls, text: str) -> AddressPolicy:
        """Read `127.0.0.1:9000,localhost:9001,[::1]:9002`.

        Raises ValueError for a pair that is malformed or names anything but this machine.
        """
        pairs = set()
        for pair in filter(None, (part.strip() for part in text.split(","))):
            host, _, port = pair.rpartition(":")
            host = host.strip("[]").lower()
            if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
                raise ValueError(f"{pair!r} is not host:port")
            if host != "localhost" and not _is_loopback(host):
                raise ValueError(f"{pair!r} is not a loopback address: only those can be allowed")
            pairs.add((host, int(port)))
        return cls(frozenset(pairs))

    def permits(self, ip: str, port: int, host: str | None = None) -> bool:
        """Return whether a socket may connect to `ip`.

        With the URL's `host`, a loopback address is open only to the name that was allowed, so
        that another name which resolves to it is refused.
        """
        if is_public(ip):
            return port in self.ports
        return self._is_open(ip, port) and (host is None or self._is_open(host, port))

    def check_host(self, host: str, port: int) -> str | None:
        """Return the reason to refuse a URL's host and port before any look-up, or None.

        The name only saves work; the wall is `permits`, asked for every socket.
        """
        if self._is_open(host, port):
            return None
        if host.startswith("[") or host.replace(".", "").isdigit():
            local = not is_public(host.strip("[]"))
        else:
            local = host in _LOCAL_NAMES or host.endswith(_LOCAL_SUFFIXES)
        if local:
            return "blocked_address"
        return None if port in self.ports else "blocked_port"

    def _is_open(self, host: str, port: int) -> bool:
        host = host.strip("[]")
        if (host, port) in self.allow:
            return True
        return host in ("127.0.0.1", "::1") and ("localhost", port) in self.allow
