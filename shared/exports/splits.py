"""Assigns images to a data set's splits by their content."""

from collections.abc import Mapping

_POINTS = 2**64


def find_split(sha256_hex: str, splits: Mapping[str, float]) -> str:
    """Return the split of the image whose content has this SHA-256.

    The hash's first 64 bits are a point on a line of length 2**64, on which each split owns a
    piece as long as its share, pieces in the order of the names. So an image's split depends on
    its content and the shares only: adding images never moves others, and neither does the order
    in which the splits are written (jsonb does not keep it). `splits` maps names to shares > 0;
    their sum counts as one. Raises `ValueError` without splits or hash.
    """
    if not splits:
        raise ValueError("no splits")
    point = int(sha256_hex[:16], 16) * sum(splits[name] for name in sorted(splits))
    *others, last = sorted(splits)
    end = 0.0
    for name in others:
        end += splits[name] * _POINTS
        if point < end:
            return name
    return last
