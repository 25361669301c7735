"""Only failures that pass with time are tried again."""

import pytest

from shared.rules.retries import is_passing


@pytest.mark.parametrize(
    "reason",
    [
        "timeout",
        "deadline",
        "connect_error",
        "connection_reset",
        "dns_error",
        "rate_limited",
        "http_429",
        "http_500",
        "http_503",
        "http_5xx",
    ],
)
def test_passing(reason: str) -> None:
    assert is_passing(reason)


@pytest.mark.parametrize(
    "reason",
    ["", "http_404", "http_4xx", "http_200", "http_50", "http_5000", "too_large", "timeout "],
)
def test_lasting(reason: str) -> None:
    assert not is_passing(reason)
