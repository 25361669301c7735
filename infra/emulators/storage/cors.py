"""Cross-origin answers by a bucket's `cors` setting.

https://cloud.google.com/storage/docs/cross-origin
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

Rule = Mapping[str, Any]


def make_preflight_headers(bucket: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer to OPTIONS; none when no rule allows what it asks for."""
    origin = headers.get("origin", "")
    method = headers.get("access-control-request-method", "")
    asked = headers.get("access-control-request-headers", "")
    wanted = [name.strip().lower() for name in asked.split(",") if name.strip()]
    for rule in bucket.get("cors", ()):
        allowed = [name.lower() for name in rule.get("responseHeader", ())]
        if _applies(rule, origin, method) and all(
            any(fnmatchcase(name, pattern) for pattern in allowed) for name in wanted
        ):
            return {
                **_make_origin_headers(rule, origin),
                "Access-Control-Allow-Methods": ", ".join(rule.get("method", ())),
                "Access-Control-Allow-Headers": ", ".join(wanted),
                "Access-Control-Max-Age": str(rule.get("maxAgeSeconds", 3600)),
            }
    return {}


def make_response_headers(
    bucket: Mapping[str, Any], headers: Mapping[str, str], method: str
) -> dict[str, str]:
    """Return the headers that let a page read the answer to its request."""
    origin = headers.get("origin", "")
    for rule in bucket.get("cors", ()):
        if _applies(rule, origin, method):
            return {
                **_make_origin_headers(rule, origin),
                "Access-Control-Expose-Headers": ", ".join(rule.get("responseHeader", ())),
            }
    return {}


def _applies(rule: Rule, origin: str, method: str) -> bool:
    origins, methods = rule.get("origin", ()), rule.get("method", ())
    return bool(origin) and (
        ("*" in origins or origin in origins) and ("*" in methods or method in methods)
    )


def _make_origin_headers(rule: Rule, origin: str) -> dict[str, str]:
    allowed = "*" if "*" in rule.get("origin", ()) else origin
    return {"Access-Control-Allow-Origin": allowed, "Vary": "Origin"}
