"""Histograms with logarithmic buckets: they add up, and give percentiles to within a few per cent.

Bucket n of a latency ends at 2^(n/8) microseconds, so neighbours differ by 9 %. The database's
function `latency_bucket` and `find_latency_bucket` here must agree; a test compares them.
"""

import math
from collections.abc import Mapping

_PER_DOUBLING = 8
LATENCY_UNIT = 0.001  # milliseconds: the end of bucket 0
PERCENTILE_BOUND = 2 ** (1 / _PER_DOUBLING)  # 1.0905: how far a percentile may be off, as a factor
_VALUE_UNIT = 0.001  # below it, values of an input count as zero
_MOST = 1000  # bucket that every greater value goes into
_GREATEST = 1e60  # beyond the last bucket, and far from overflowing


def find_latency_bucket(ms: float) -> int:
    """Return the bucket of a time in milliseconds."""
    if ms <= LATENCY_UNIT:
        return 0
    return math.ceil(_PER_DOUBLING * math.log2(ms / LATENCY_UNIT))


def compute_percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the milliseconds that a share (0–1) of the times in these buckets does not exceed.

    It lies in the bucket of the exact value by nearest rank (PostgreSQL's `percentile_disc`), so
    the two differ by the factor `PERCENTILE_BOUND` at the most; within the bucket it is
    interpolated as if times were spread evenly on a logarithmic scale. Rounded to 0.1 µs. None
    where nothing is counted.
    """
    filled = sorted((bucket, count) for bucket, count in counts.items() if count > 0)
    wanted = share * sum(count for _, count in filled)
    for bucket, count in filled:
        if wanted <= count:
            within = bucket - 1 + wanted / count if bucket else 0.0
            return round(LATENCY_UNIT * 2 ** (within / _PER_DOUBLING), 4)
        wanted -= count
    return None


def find_value_bucket(value: float) -> int:
    """Return the bucket of a finite number: logarithmic on both sides of zero, 0 near it."""
    size = min(abs(value), _GREATEST)
    steps = math.ceil(_PER_DOUBLING * math.log2(1 + size / _VALUE_UNIT) - 1)
    return max(-_MOST, min(_MOST, int(math.copysign(max(0, steps), value))))
