"""The root of a Merkle tree (RFC 6962, section 2.1), one leaf after the other.

Leaves and nodes are hashed with different first bytes, so that no node can pass for a leaf.
"""

from hashlib import sha256

LEAF, _NODE = b"\0", b"\1"


class MerkleTree:
    """Takes leaves' hashes in order; memory grows with the logarithm of their number."""

    def __init__(self) -> None:
        self._count = 0
        self._subtrees: list[bytes] = []  # of the sizes that make up the count, the largest first

    def add(self, leaf: bytes) -> None:
        """Take the hash of the next leaf: SHA-256 of `LEAF` and its content."""
        self._subtrees.append(leaf)
        self._count += 1
        size = self._count
        while size % 2 == 0:
            right, left = self._subtrees.pop(), self._subtrees.pop()
            self._subtrees.append(sha256(_NODE + left + right).digest())
            size //= 2

    def find_root(self) -> bytes:
        """Return the root; without leaves SHA-256 of nothing."""
        if not self._subtrees:
            return sha256(b"").digest()
        root, *others = reversed(self._subtrees)
        for left in others:
            root = sha256(_NODE + left + root).digest()
        return root
