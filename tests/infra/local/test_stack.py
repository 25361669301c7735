"""What the environment chooses, what is kept of a start, and how a start is refused."""

from pathlib import Path

import pytest

from infra.local.children import StackError, free_port
from infra.local.stack import Addresses, Choices, Stack, _port

ADDRESSES = Addresses(
    "http://a:1", "postgresql://b:2/c", "d:3", "http://e:4", "http://f:5", "g", "h"
)


def test_choices_have_defaults() -> None:
    assert Choices.read({}) == Choices(port=8080, state=Path(".local"))
    assert Choices.read({"PIXMILL_PORT": "", "DATABASE_URL": ""}) == Choices()


def test_choices_follow_the_environment() -> None:
    given = {"PIXMILL_PORT": "9", "PIXMILL_STATE": "/x", "PIXMILL_PUBSUB": "embedded"}
    assert Choices.read(given) == Choices(port=9, state=Path("/x"), embedded_pubsub=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PIXMILL_PORT": "http"},
        {"PIXMILL_PORT": "0"},
        {"PIXMILL_PORT": "70000"},
        {"PIXMILL_PORT": "-1"},
        {"PIXMILL_PUBSUB": "kafka"},
    ],
)
def test_a_wrong_choice_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(StackError, match=next(iter(wrong))):
        Choices.read(wrong)


def test_addresses_are_kept_privately(tmp_path: Path) -> None:
    assert Addresses.read(tmp_path) is None
    ADDRESSES.write(tmp_path)
    assert Addresses.read(tmp_path) == ADDRESSES
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0
    (tmp_path / "stack.json").write_text("{")
    assert Addresses.read(tmp_path) is None


def test_a_port_is_taken_again_if_it_can_be() -> None:
    port = free_port()
    assert _port(f"http://127.0.0.1:{port}") == port
    assert _port(f"127.0.0.1:{port}") == port
    assert _port(f"postgresql://u:p@127.0.0.1:{port}/pixmill") == port


@pytest.mark.parametrize(
    "address",
    [None, "", "postgresql://u:p@db/pixmill", "postgresql:///x?host=/run", "postgresql://h:x/d"],
)
def test_an_address_without_a_port_gives_another(address: str | None) -> None:
    assert 20_000 <= _port(address) < 32_768


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense", "127.0.0.1:port"])
def test_a_pubsub_that_does_not_run_is_named(tmp_path: Path, address: str) -> None:
    choices = Choices(port=free_port(), state=tmp_path / "state", pubsub_emulator_host=address)
    with pytest.raises(StackError, match="PUBSUB_EMULATOR_HOST"):
        Stack(choices).start()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="Set PIXMILL_STATE"):
        Stack(Choices(state=tmp_path / "file" / "state")).start()
