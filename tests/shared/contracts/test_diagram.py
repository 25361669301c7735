"""The README's picture is drawn from the declarations."""

from pathlib import Path

from shared.contracts.diagram import draw_chain, render_readme

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_readme_shows_the_chain_as_it_is() -> None:
    text = README.read_text()
    assert draw_chain() in text
    assert render_readme(text) == text
    assert render_readme("no marks") == "no marks"
