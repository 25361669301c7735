"""Serve the reference of the API as a page: no script, and nothing from another host."""

import json
from functools import cache
from pathlib import Path

from shared.calls import Document
from shared.reference.page import make_policy, render_page

_FILE = Path(__file__).resolve().parents[2] / "infra" / "openapi.json"


def handle() -> Document:
    """Get the reference page."""
    headers = {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": make_policy(),
        "Referrer-Policy": "no-referrer",
    }
    return Document(_build_content(), "text/html; charset=utf-8", headers)


@cache
def _build_content() -> bytes:
    return render_page(json.loads(_FILE.read_bytes())).encode()
