"""What others wrote becomes data that can be stored and shown."""

import pytest

from shared.texts import plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("a cat", "a cat", id="plain"),
        pytest.param(" a\n\tcat ", "a cat", id="spaces"),
        pytest.param("a\x00cat\x1b[2J", "a cat [2J", id="control"),
        pytest.param("a\ud800cat", "a cat", id="half-a-pair"),
        pytest.param("Katze‮ essak", "Katze essak", id="direction"),
        pytest.param("日本の猫", "日本の猫", id="letters"),
        pytest.param("x" * 30, "x" * 19 + "…", id="long"),
        pytest.param("\x00", "", id="nothing"),
    ],
)
def test_a_line_of_printable_characters(text: str, plain: str) -> None:
    assert plain_text(text, 20) == plain
