"""Starts that are refused."""

from pathlib import Path

import pytest

from infra.local.children import StackError, find_free_port
from infra.local.choices import Choices
from infra.local.stack import Stack


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense", "127.0.0.1:port"])
def test_a_pubsub_that_does_not_run_is_named(tmp_path: Path, address: str) -> None:
    choices = Choices(port=find_free_port(), state=tmp_path / "state", pubsub_emulator_host=address)
    with pytest.raises(StackError, match="PUBSUB_EMULATOR_HOST"):
        Stack(choices).start()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="Set PIXMILL_STATE"):
        Stack(Choices(state=tmp_path / "file" / "state")).start()
