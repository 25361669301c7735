"""Pages of other origins: what browsers ask first, and what lets a page read the answer."""

from dataclasses import replace

import pytest

from shared.services import services
from tests.harness import System

PAGE = "http://localhost:3000"


@pytest.fixture
def origins(monkeypatch: pytest.MonkeyPatch) -> None:
    """List origins whose pages may call."""
    listed = "https://app.example.org, http://localhost:*"
    changed = replace(services().settings, cors_origins=listed)
    monkeypatch.setitem(services().built, "settings", changed)
    monkeypatch.setattr("infra.local.hosts.load_settings", lambda: changed)


@pytest.mark.usefixtures("origins")
@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://app.example.org", True),
        (PAGE, True),
        ("http://localhost", True),
        ("https://app.example.org.evil.net", False),
        ("https://appxexample.org", False),
        ("http://localhost:3000.evil.net", False),
        ("https://localhost:3000", False),
        ("null", False),
        ("", False),
    ],
)
def test_pages_of_listed_origins_may_call(system: System, origin: str, may: bool) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    for path in ("/v1/projects/x", "/openapi.json", "/nowhere"):
        preflight = system.client.options(path, headers=asked)
        assert (preflight.status_code, preflight.data) == (204, b"")
        assert (preflight.headers.get("Access-Control-Allow-Origin") == origin) == may
        assert ("PATCH" in preflight.headers.get("Access-Control-Allow-Methods", "")) == may
        assert ("If-Match" in preflight.headers.get("Access-Control-Allow-Headers", "")) == may
    for path, status in (("/v1/me", 401), ("/nowhere", 404), ("/healthz", 200)):
        answer = system.client.get(path, headers={"Origin": origin})
        assert answer.status_code == status
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) == may
        assert ("ETag" in answer.headers.get("Access-Control-Expose-Headers", "")) == may
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_without_the_setting_no_page_may(system: System) -> None:
    answer = system.client.options("/v1/me", headers={"Origin": PAGE})
    assert answer.status_code == 204
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
