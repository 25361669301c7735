"""An order of many things that is nowhere written down: each place is computed.

A Feistel network over pairs of numbers below the root of `size` (J. Black, P. Rogaway, "Ciphers
with arbitrary finite domains", CT-RSA 2002, method 3, with sums in place of bits) in four rounds
(M. Luby, C. Rackoff, "How to construct pseudorandom permutations from pseudorandom functions",
1988). What falls beyond `size` is permuted again until it does not ("cycle walking", method 2).
"""

from hashlib import blake2b
from math import isqrt

_ROUNDS = 4


class Permutation:
    """A permutation of the numbers from 0 to below `size`, the same for the same key."""

    def __init__(self, size: int, key: str) -> None:
        self._size = size
        self._root = isqrt(max(0, size - 1)) + 1
        self._rounds = [
            blake2b(key=blake2b(f"{key}/{number}".encode(), digest_size=32).digest(), digest_size=8)
            for number in range(_ROUNDS)
        ]

    def __getitem__(self, place: int) -> int:
        """Return what stands at a place. Raises `IndexError` beyond the last one."""
        if not 0 <= place < self._size:
            raise IndexError(place)
        root = self._root
        while True:
            left, right = divmod(place, root)
            for number in range(_ROUNDS):
                left, right = right, (left + self._mix(number, right)) % root
            place = left * root + right
            if place < self._size:
                return place

    def find(self, value: int) -> int:
        """Return the place at which a number stands."""
        root = self._root
        while True:
            left, right = divmod(value, root)
            for number in reversed(range(_ROUNDS)):
                left, right = (right - self._mix(number, left)) % root, left
            value = left * root + right
            if value < self._size:
                return value

    def _mix(self, number: int, half: int) -> int:
        digest = self._rounds[number].copy()
        digest.update(half.to_bytes(8, "big"))
        return int.from_bytes(digest.digest(), "big")
