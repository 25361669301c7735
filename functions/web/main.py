"""Web functions: what people and monitors look at first."""

from functions.web import health, openapi
from shared.operations import http

web_health = http("GET /healthz", health.handle, or_status=503, public=True)
web_openapi = http("GET /openapi.json", openapi.handle, public=True, memory="256Mi")
