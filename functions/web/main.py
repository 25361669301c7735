"""Web functions: what people and monitors look at first."""

from functions.web import asset, console, docs, health, openapi, preflight
from shared.operations import http

web_health = http("GET /healthz", health.handle, or_status=503, public=True)
web_openapi = http("GET /openapi.json", openapi.handle, public=True, memory="256Mi")
web_docs = http("GET /docs", docs.handle, public=True, media_types=("text/html",), memory="256Mi")
web_preflight = http("OPTIONS /", preflight.handle, status=204, public=True, memory="256Mi")
web_console = http("GET /", console.handle, public=True, media_types=("text/html",), memory="256Mi")
web_asset = http(
    "GET /console/{name}",
    asset.handle,
    public=True,
    media_types=("text/javascript", "text/css", "image/svg+xml"),
    memory="256Mi",
)
