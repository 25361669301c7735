"""Preferences for the use in AI: `Content-Usage` (IETF AI Preferences) and `Content-Signal`.

Sources: draft-ietf-aipref-vocab and draft-ietf-aipref-attach as of August 2026; Cloudflare's
Content Signals Policy, of which only `ai-train` is about us.
"""

import re
from typing import Any

# Characters of one statement: parsing takes a microsecond for every two of them.
MAX_STATEMENT = 64 * 1024
_TRAINING = "train-ai"
_SIGNAL = re.compile(
    r"(?:^|[,;])[ \t]*ai-train[ \t]*=[ \t]*(yes|no)[ \t]*(?=[,;]|$)", re.IGNORECASE
)


def parse_usage(text: str) -> bool | None:
    """Return whether a Content-Usage statement allows training, or None where it does not say.

    A statement is a dictionary of structured fields (RFC 9651): keys are compared by case, the
    last of a key counts, and a statement that cannot be parsed says nothing (§6.6). One that is too
    long to be parsed counts as a refusal.
    """
    if _TRAINING not in text:
        return None
    if len(text) > MAX_STATEMENT:
        return False
    import http_sf  # its 18 modules cost every start of a worker, and few sites say this

    try:
        stated: Any = http_sf.parse(text.encode("ascii"), tltype="dictionary")
    except (http_sf.StructuredFieldError, UnicodeEncodeError):
        return None
    value = stated.get(_TRAINING, (None, {}))[0]
    return {"y": True, "n": False}.get(str(value)) if isinstance(value, http_sf.Token) else None


def parse_content_signal(text: str) -> bool | None:
    """Return whether a Content-Signal allows training; where it says both, it does not."""
    said = {found.lower() for found in _SIGNAL.findall(text)}
    return "no" not in said if said else None
