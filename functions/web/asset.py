"""Serve a file of the console: a script, a style sheet or a drawing."""

from pathlib import Path

from shared.calls import Document
from shared.errors import NotFound
from shared.reference.console import FILE_HEADERS, INDEX, load_console

_FOLDER = Path(__file__).parent / "console"


def handle(name: str) -> Document:
    """Get a file of the console."""
    file = load_console(_FOLDER).get(name)
    if file is None or name == INDEX:  # which has its own address, with the headers of a page
        raise NotFound("The console has no such file.")
    return Document(file.content, file.media_type, FILE_HEADERS)
