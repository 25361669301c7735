"""Which failures of a download pass with time."""

import re

PASSING = frozenset(
    {
        "timeout",
        "deadline",
        "connect_error",
        "connection_reset",
        "dns_error",
        "rate_limited",
        "http_408",
        "http_425",
        "http_429",
    }
)
_SERVER_ERROR = re.compile(r"http_5(\d\d|xx)", re.ASCII)


def is_passing(reason: str) -> bool:
    """Whether the same URL may succeed later.

    Passing are trouble on the way and a server that is overloaded or broken for now (RFC 9110
    §15.5.9 and §15.6, RFC 6585 §4, RFC 8470 §5.2); all else fails again.
    """
    return reason in PASSING or _SERVER_ERROR.fullmatch(reason) is not None
