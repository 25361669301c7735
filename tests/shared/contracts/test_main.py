"""`make contracts` says what is wrong with a declaration."""

from typing import NoReturn

import pytest

from shared.contracts import __main__ as program
from shared.declarations import DeclarationError
from shared.operations import http


def handle(project: str) -> None:
    """Take no parameter of the path."""


def test_a_wrong_declaration_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load() -> NoReturn:
        http("GET /v1/projects/{project_id}", handle)
        raise AssertionError

    monkeypatch.setattr(program, "build_openapi", load)
    with pytest.raises(DeclarationError):
        load()
    assert program.main(["--check"]) == 1
    assert capsys.readouterr().out == "contracts_test_main does not take project_id\n"
