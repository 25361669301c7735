"""Tables and texts in Markdown."""

import inspect
import re
from collections.abc import Iterable, Sequence


def join_blocks(*blocks: str) -> str:
    """Return blocks with an empty line between them, and a line end."""
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a pipe in a cell is escaped, and line ends become spaces."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_escape, line))} |" for line in lines)


def to_markdown(text: str) -> str:
    """Return a docstring's text: literals in one pair of backticks, lines joined to paragraphs."""
    paragraphs = re.split(r"\n(?:[ \t]*+\n)++", inspect.cleandoc(text).replace("``", "`"))
    return "\n\n".join(
        one if one.startswith(("    ", "- ")) else " ".join(one.split()) for one in paragraphs
    )


def _escape(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")
