"""Serve the console's page."""

from pathlib import Path

from shared.calls import Document
from shared.reference.console import INDEX, load_console, make_page_headers
from shared.settings import Settings

_FOLDER = Path(__file__).parent / "console"


def handle(settings: Settings) -> Document:
    """Get the console."""
    page = load_console(_FOLDER)[INDEX]
    return Document(page.content, page.media_type, make_page_headers(settings.storage_origin))
