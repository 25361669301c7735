"""Answers to pages of other origins (the Fetch standard's CORS protocol).

Credentials of such pages travel in headers that they set themselves. The cookies of a browser's
session are for pages of our own origin: credentials are not allowed here, nor is X-CSRF-Protection
(`shared.accounts.forgery`).
"""

import re
from functools import cache

from flask import Request
from werkzeug.datastructures import Headers

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SENT = (
    "Accept, Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-Match,"
    " If-None-Match, Inference-Header-Content-Length, Prefer, traceparent, X-API-Key, X-Request-Id"
)
_SHOWN = (
    "ETag, Idempotent-Replayed, Inference-Header-Content-Length, Location, RateLimit,"
    " RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
)
_KEPT = "7200"  # seconds that a browser may remember the answer to its preflight


def add_origin_headers(headers: Headers, request: Request, origins: str) -> None:
    """Let a page read an answer, and before that ask for it, where the setting lists its origin."""
    if not origins:
        return
    headers.add("Vary", "Origin")
    origin = request.headers.get("Origin", "")
    if not _compile(origins).fullmatch(origin):
        return
    headers["Access-Control-Allow-Origin"] = origin
    if request.method != "OPTIONS":
        headers["Access-Control-Expose-Headers"] = _SHOWN
        return
    headers["Access-Control-Allow-Methods"] = _METHODS
    headers["Access-Control-Allow-Headers"] = _SENT
    headers["Access-Control-Max-Age"] = _KEPT


@cache
def _compile(origins: str) -> re.Pattern[str]:
    """Return the pattern of a list such as `https://app.example.org,http://localhost:*`."""
    return re.compile("|".join(_translate(one.strip()) for one in origins.split(",")))


def _translate(entry: str) -> str:
    if entry == "*":
        return r"[!-~]+"
    start, any_port, _ = entry.lower().partition(":*")
    return re.escape(start) + (r"(?::\d{1,5})?" if any_port else "")
