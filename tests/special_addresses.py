"""Addresses that no stranger's URL may reach."""

from __future__ import annotations

from ipaddress import IPv4Address

# IANA's special-purpose registries, block by block: both ends.
SPECIAL = [
    ("0.0.0.0", "0.255.255.255"),  # this network
    ("10.0.0.0", "10.255.255.255"),  # private
    ("172.16.0.0", "172.31.255.255"),  # private
    ("192.168.0.0", "192.168.255.255"),  # private
    ("100.64.0.0", "100.127.255.255"),  # shared with carriers
    ("127.0.0.0", "127.255.255.255"),  # loopback
    ("169.254.0.0", "169.254.255.255"),  # link-local
    ("192.0.0.0", "192.0.0.255"),  # protocol assignments
    ("192.0.2.0", "192.0.2.255"),  # documentation
    ("198.51.100.0", "198.51.100.255"),  # documentation
    ("203.0.113.0", "203.0.113.255"),  # documentation
    ("192.88.99.0", "192.88.99.255"),  # 6to4 relays
    ("198.18.0.0", "198.19.255.255"),  # benchmarks
    ("224.0.0.0", "239.255.255.255"),  # multicast
    ("240.0.0.0", "255.255.255.255"),  # reserved, broadcast
    ("::", "::"),  # unspecified
    ("::1", "::1"),  # loopback in IPv6
    ("::8.8.8.8", "::ffff:ffff"),  # IPv4-compatible
    ("::ffff:0:0:0", "::ffff:0:ffff:ffff"),  # IPv4-translated
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),  # NAT64 for local use
    ("64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff"),  # beside NAT64
    ("100::", "100::ffff:ffff:ffff:ffff"),  # discard
    ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),  # dummy
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),  # benchmarks in IPv6
    ("2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff"),  # multicast tunnels
    ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),  # ORCHID
    ("2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"),  # ORCHID 2
    ("2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"),  # drones
    ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),  # protocol assignments in IPv6
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),  # documentation in IPv6
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),  # documentation in IPv6
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # segment routing
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # unique local
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # link-local in IPv6
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # site-local
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # multicast in IPv6
    ("4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # not assigned
    ("1::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),  # not assigned
]

# Where clouds keep what a crawler must not read.
METADATA = [
    *("169.254.169.254", "169.254.170.2", "169.254.169.123", "100.100.100.200", "192.0.0.192"),
    *("168.63.129.16", "fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe"),
]


def carry(ip: str) -> list[str]:
    """Return the IPv6 addresses that carry an IPv4 address: mapped, NAT64, 6to4, Teredo, ISATAP."""
    high, low = divmod(int(IPv4Address(ip)), 0x10000)
    inner = f"{high:x}:{low:x}"
    return [
        *(f"::ffff:{inner}", f"64:ff9b::{inner}", f"2002:{inner}::1"),
        *(f"2001:0:{inner}::fefe:fefe", f"2001:0:808:808::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}"),
        *(f"2001:4860::5efe:{inner}", f"2a00::200:5efe:{inner}"),
    ]


CARRIED = [
    *("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "168.63.129.16"),
    *("224.0.0.1", "0.0.0.0", "255.255.255.255", "192.88.99.1"),
]
INSIDE = [outer for ip in CARRIED for outer in carry(ip)]
ZONES = ["fe80::1%eth0", "2606:4700::1111%eth0", "2606:4700::1111%1", "::1%lo", "::ffff:8.8.8.8%1"]
REFUSED = [
    *dict.fromkeys(ip for ends in SPECIAL for ip in ends),
    *METADATA,
    *INSIDE,
    *ZONES,
]
