"""Serving the reference page."""

import base64
import hashlib
import re

from shared.contracts.openapi import build_openapi
from shared.operations.discovery import list_http_functions
from tests.harness import System


def test_the_page_shows_every_operation_and_schema(system: System) -> None:
    page = system.client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    ids = set(re.findall(r' id="([^"]+)"', page.text))
    assert {function.name for function, _ in list_http_functions()} <= ids
    assert {f"schema-{name}" for name in build_openapi()["components"]["schemas"]} <= ids
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= ids


def test_the_page_loads_nothing_and_runs_nothing(system: System) -> None:
    page = system.client.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not re.findall(r"<(?:script|img|link|iframe|form)\b| style=| on\w+=", page.text)
    assert set(re.findall(r'href="([^#"]+)', page.text)) == {"/openapi.json"}
    assert page.headers["ETag"]
