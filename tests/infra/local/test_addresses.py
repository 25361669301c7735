"""Addresses that are kept from one start to the next."""

from pathlib import Path

import pytest

from infra.local.addresses import Addresses, choose_port
from infra.local.children import find_free_port

ADDRESSES = Addresses(
    "http://a:1", "postgresql://b:2/c", "d:3", "http://e:4", "http://f:5", "g", "h"
)


def test_addresses_are_kept_privately(tmp_path: Path) -> None:
    assert Addresses.read(tmp_path) is None
    ADDRESSES.write(tmp_path)
    assert Addresses.read(tmp_path) == ADDRESSES
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0
    (tmp_path / "stack.json").write_text("{")
    assert Addresses.read(tmp_path) is None


def test_a_port_is_taken_again_if_it_can_be() -> None:
    port = find_free_port()
    assert choose_port(f"http://127.0.0.1:{port}") == port
    assert choose_port(f"127.0.0.1:{port}") == port
    assert choose_port(f"postgresql://u:p@127.0.0.1:{port}/pixmill") == port


@pytest.mark.parametrize(
    "address",
    [None, "", "postgresql://u:p@db/pixmill", "postgresql:///x?host=/run", "postgresql://h:x/d"],
)
def test_an_address_without_a_port_gives_another(address: str | None) -> None:
    assert 20_000 <= choose_port(address) < 32_768
