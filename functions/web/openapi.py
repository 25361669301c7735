"""Serve the OpenAPI document."""

from functools import cache
from pathlib import Path

from shared.calls import Document

_FILE = Path(__file__).resolve().parents[2] / "infra" / "openapi.json"


def handle() -> Document:
    """Get the OpenAPI document."""
    return Document(_build_content(), "application/json", {"Cache-Control": "public, max-age=300"})


@cache
def _build_content() -> bytes:
    return _FILE.read_bytes()
