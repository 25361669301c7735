"""Pages of the local system at its bucket."""

import requests

from infra.local.pages import open_to_pages
from shared.services import services
from tests.harness import System

PAGE = "http://127.0.0.1:8080"


def test_its_own_pages_may_upload_and_look(system: System) -> None:
    settings, storage = services().settings, services().storage
    open_to_pages(settings.storage_origin, settings.bucket, [PAGE])
    url, headers = storage.sign_upload_url("uploads/p", life=60, content_type="image/png", size=3)
    for origin, may in ((PAGE, True), ("http://127.0.0.1:9999", False)):
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": ", ".join(headers).lower(),
        }
        granted = requests.options(url, headers=asked, timeout=10).headers
        assert (granted.get("Access-Control-Allow-Origin") == origin) == may
    put = requests.put(url, data=b"abc", headers={**headers, "Origin": PAGE}, timeout=10)
    assert put.headers["Access-Control-Allow-Origin"] == PAGE
    shown = storage.sign_view_urls(["uploads/p"], life=60)[0]
    got = requests.get(shown, headers={"Origin": PAGE}, timeout=10)
    assert (got.content, got.headers["Access-Control-Allow-Origin"]) == (b"abc", PAGE)
