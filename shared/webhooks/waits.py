"""The waits before a post that failed is tried again, and before a webhook is paused."""

import secrets
from datetime import timedelta

# Seconds before each further attempt, of which there are so many: 27.6 hours in all.
DELAYS = (60, 300, 1800, 7200, 18_000, 36_000, 36_000)
# A webhook that fails is left alone by all its deliveries, but for no longer than this.
LONGEST_REST = 3600
LONGEST_WISH = 24 * 3600  # of what a Retry-After may ask for
PAUSED_AFTER = timedelta(hours=24)  # without a post that was accepted
_JITTER = 0.1

_random = secrets.SystemRandom()


def compute_wait(attempts: int, wish: float | None = None) -> timedelta | None:
    """Return how long after so many attempts the next one comes; None when there is none left.

    `wish` are the seconds that the answer asked for. Up to a tenth is added by chance, so that
    what failed together does not come again together.
    """
    if attempts > len(DELAYS):
        return None
    return _spread(DELAYS[attempts - 1], wish)


def compute_rest(failures: int, wish: float | None = None) -> timedelta:
    """Return how long a webhook is left alone after so many failures in a row."""
    return _spread(min(DELAYS[min(failures, len(DELAYS)) - 1], LONGEST_REST), wish)


def _spread(seconds: float, wish: float | None) -> timedelta:
    longest = max(seconds, min(wish or 0, LONGEST_WISH))
    return timedelta(seconds=longest * (1 + _JITTER * _random.random()))
