"""The Referer of a request, as browsers send it (W3C Referrer Policy §8.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.fetching.urls import parse_target

DEFAULT_POLICY = "strict-origin-when-cross-origin"
_POLICIES = frozenset(
    {"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin"}
    | {"same-origin", "strict-origin", "unsafe-url", DEFAULT_POLICY}
)
# What metas may say as well (HTML standard §4.2.5.1).
_OLD_NAMES = {
    "always": "unsafe-url",
    "default": DEFAULT_POLICY,
    "never": "no-referrer",
    "origin-when-crossorigin": "origin-when-cross-origin",
}
_TOKEN = re.compile(r"[^\s,]++")


def make_referrer(page: str, url: str, policy: str = DEFAULT_POLICY) -> str | None:
    """Return what a request for `url` says of the page where it stands, or None for nothing.

    Both are normalised addresses, so there is no user information and no fragment in them.
    """
    source, target = parse_target(page), parse_target(url)
    origin = f"{source.origin}/"
    is_same = source == target
    is_downgrade = source.scheme == "https" and target.scheme != "https"
    match policy:
        case "no-referrer":
            return None
        case "unsafe-url":
            return page
        case "origin":
            return origin
        case "origin-when-cross-origin":
            return page if is_same else origin
        case "same-origin":
            return page if is_same else None
        case _ if is_downgrade:
            return None
        case "no-referrer-when-downgrade":
            return page
        case "strict-origin":
            return origin
        case _:
            return page if is_same else origin


def parse_referrer_policy(value: str) -> str | None:
    """Return the policy that a meta or an attribute names, or None."""
    name = value.strip().lower()
    return name if name in _POLICIES else _OLD_NAMES.get(name)


def find_referrer_policy(headers: Mapping[str, str]) -> str | None:
    """Return the last known policy of a Referrer-Policy field (§8.1), or None."""
    names = _TOKEN.findall(headers.get("referrer-policy", "").lower())
    return next((name for name in reversed(names) if name in _POLICIES), None)
