"""Names that DNS does not know."""

import socket
from typing import Any

import pytest

from shared.fetching.names import is_numeric, is_unknown_name


@pytest.mark.parametrize(
    ("code", "unknown"),
    [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False), (socket.EAI_FAIL, False)],
)
def test_only_a_name_that_does_not_exist_is_unknown(
    monkeypatch: pytest.MonkeyPatch, code: int, unknown: bool
) -> None:
    def look_up(*_: Any, **__: Any) -> None:
        raise socket.gaierror(code, "as the resolver has it")

    monkeypatch.setattr("shared.fetching.names.socket.getaddrinfo", look_up)
    assert is_unknown_name("photos.example.org") is unknown


def test_a_name_that_leads_somewhere() -> None:
    assert is_unknown_name("localhost") is False


@pytest.mark.parametrize(
    ("host", "numeric"),
    [("127.0.0.1", True), ("[::1]", True), ("localhost", False), ("example.org", False)],
)
def test_addresses_are_no_names(host: str, numeric: bool) -> None:
    assert is_numeric(host) is numeric
