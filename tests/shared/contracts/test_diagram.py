"""The drawings of the chain follow from the declarations."""

from pathlib import Path

from shared.contracts.diagram import draw_chain, render_chain
from shared.operations.discovery import list_message_functions

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-it-works.md"


def test_the_page_shows_the_chain_as_it_is() -> None:
    text = PAGE.read_text()
    assert all(chart in text for chart in draw_chain().values())
    assert render_chain(text) == text
    assert render_chain("no marks") == "no marks"


def test_every_function_that_is_sent_messages_is_in_one_drawing() -> None:
    charts = draw_chain().values()
    for function, _ in list_message_functions():
        drawn = [chart for chart in charts if f"--> {function.name}\n" in f"{chart}\n"]
        assert len(drawn) == (function.bundle != "upkeep"), function.name
