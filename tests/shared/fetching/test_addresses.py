"""Which addresses count as public, and which loopback pairs configuration opens."""

import pytest

from shared.fetching.addresses import AddressPolicy, is_public

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:831::200e",
    "2620:4f:8000::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:a9fe:a9fe::",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:a00:1::f5ff:fffe",
    "2001:0:808:808::8001:5601",
    "2001:db8::1",
    "2001:2::1",
    "2001:10::1",
    "3fff::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "5f00::1",
    "4000::1",
    "fe80::1%eth0",
    "0177.0.0.1",
    "2130706433",
    "127.1",
    "0x7f.1",
    "localhost",
    "1.1.1.1:80",
]


@pytest.mark.parametrize("ip", PUBLIC)
def test_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("ip", ["", *REFUSED])
def test_refused(ip: str) -> None:
    assert not is_public(ip)


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
