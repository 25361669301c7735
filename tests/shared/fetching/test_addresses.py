"""Public addresses, and the loopback pairs that configuration opens."""

import pytest

from shared.fetching.addresses import AddressPolicy, is_public
from tests.special_addresses import REFUSED, carry

PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "93.184.215.14"),
    # Next to what is refused.
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
    *("172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255"),
    *("198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255"),
    # The registry's blocks that are globally reachable: AS112 and AMT.
    *("192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1"),
    *("2606:4700:4700::1111", "2a00:1450:4001:831::200e", "2001:200::1", "2001:db7:ffff::1"),
    *("2001:db9::1", "3ffe:ffff::1", "3fff:1000::1", "2003::1", "2001:4860::5eff:7f00:1"),
    # Public addresses inside others.
    *("::ffff:8.8.8.8", "::FFFF:808:808", "64:ff9b::808:808", "64:ff9b::8.8.8.8"),
    *("2002:808:808::1", "2001:4860::5efe:8.8.8.8", "2001:4860::200:5efe:808:808"),
]

NO_ADDRESSES = [
    *("0177.0.0.1", "2130706433", "127.1", "0x7f.1", "127.0.0.1.", "127.000.0.1", "1.1.1.1:80"),
    *("localhost", "[::1]", " 1.1.1.1", "1.1.1.1\n", "1.1.1.1/32", "\u0661.1.1.1", "", "%1", ":"),
]


@pytest.mark.parametrize("ip", PUBLIC)
def test_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("ip", [*REFUSED, *NO_ADDRESSES])
def test_refused(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", [*carry("8.8.8.8"), *carry("93.184.215.14")])
def test_a_public_address_is_public_whatever_carries_it(ip: str) -> None:
    assert is_public(ip)


def test_teredo_is_judged_by_server_and_client() -> None:
    # RFC 4380: the server's address in clear, the client's with every bit flipped.
    assert is_public("2001:0:808:808::fefe:fefe")
    assert not is_public("2001:0:808:808::80ff:fffe")  # client 127.0.0.1
    assert not is_public("2001:0:7f00:1::fefe:fefe")  # server 127.0.0.1


def test_parse_reads_loopback_pairs() -> None:
    policy = AddressPolicy.parse(" 127.0.0.1:9000, LOCALHOST:9001,[::1]:9002 ,")
    assert policy.allow == {("127.0.0.1", 9000), ("localhost", 9001), ("::1", 9002)}
    assert AddressPolicy.parse("") == AddressPolicy()


@pytest.mark.parametrize("text", ["10.0.0.1:80", "example.com:80", "169.254.169.254:80", "*:80"])
def test_parse_refuses_what_is_not_loopback(text: str) -> None:
    with pytest.raises(ValueError, match="not a loopback address"):
        AddressPolicy.parse(f"127.0.0.1:9000,{text}")


@pytest.mark.parametrize("text", ["127.0.0.1", "localhost:", "127.0.0.1:0", "127.0.0.1:70000"])
def test_parse_refuses_what_is_no_pair(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port"):
        AddressPolicy.parse(text)


def test_permits_public_addresses_on_web_ports_only() -> None:
    policy = AddressPolicy()
    assert all(policy.permits("1.1.1.1", port) for port in (80, 443, 8000, 8080, 8443))
    assert not any(policy.permits("1.1.1.1", port) for port in (22, 25, 5432, 6379, 9000))
    assert not policy.permits("127.0.0.1", 80)


def test_permits_exactly_the_named_loopback_pairs() -> None:
    policy = AddressPolicy.parse("127.0.0.1:9000,localhost:9001")
    assert policy.permits("127.0.0.1", 9000)
    assert policy.permits("::1", 9001)
    assert not policy.permits("::1", 9000)
    assert not policy.permits("127.0.0.1", 9002)
    assert not policy.permits("127.0.0.2", 9000)
    assert not policy.permits("10.0.0.1", 9000)
    assert not policy.permits("1.1.1.1", 9000)


def test_an_open_loopback_pair_serves_no_other_name() -> None:
    policy = AddressPolicy.parse("127.0.0.1:9000")
    assert policy.permits("127.0.0.1", 9000, host="127.0.0.1")
    assert not policy.permits("127.0.0.1", 9000, host="evil.example")


def test_objection_names_the_reason_before_any_look_up() -> None:
    policy = AddressPolicy.parse("localhost:9001")
    assert policy.check_host("example.com", 443) is None
    assert policy.check_host("example.com", 22) == "blocked_port"
    assert policy.check_host("localhost", 9001) is None
    assert policy.check_host("localhost", 9000) == "blocked_address"
    assert policy.check_host("metadata.google.internal", 80) == "blocked_address"
    assert policy.check_host("10.0.0.1", 22) == "blocked_address"
    assert policy.check_host("[64:ff9b::a9fe:a9fe]", 80) == "blocked_address"
    assert policy.check_host("1.1.1.1", 80) is None
