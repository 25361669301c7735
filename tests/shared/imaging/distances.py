"""Distances of perceptual hashes, computed without the database."""


def measure_distance(a: int, b: int) -> int:
    """Number of bits, 0 to 64, in which two hashes differ; either may be signed."""
    return ((a ^ b) % 2**64).bit_count()
