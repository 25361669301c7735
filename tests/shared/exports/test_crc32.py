"""Joining checksums."""

from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from shared.exports.crc32 import combine_crc32

CHECKSUMS = st.integers(0, 2**32 - 1)


@given(st.binary(), st.binary())
def test_joins_two_checksums(first: bytes, second: bytes) -> None:
    assert combine_crc32(crc32(first), crc32(second), len(second)) == crc32(first + second)


@given(CHECKSUMS, CHECKSUMS, CHECKSUMS, st.integers(0, 2**40), st.integers(0, 2**40))
def test_any_grouping_gives_the_same(a: int, b: int, c: int, of_b: int, of_c: int) -> None:
    """Sizes beyond 32 bits too, where nothing can be compared with the data itself."""
    left = combine_crc32(combine_crc32(a, b, of_b), c, of_c)
    right = combine_crc32(a, combine_crc32(b, c, of_c), of_b + of_c)

    assert left == right
