"""Digests of what a version holds, range by range, so that equal ranges need not be compared.

A range is all images whose contents' hashes begin with the same two bytes; its digest is the
SHA-256 of their contents and leaves in the order of the tree. A row has those of one first byte,
and a digest of them.
"""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from shared.models import VersionRange

NUMBER = 2**16  # of ranges
_SIZE = 32  # bytes of a digest
_NOTHING = bytes(256 * _SIZE)  # the digests of ranges without images
_ROWS = 8  # read at a time
_GAP = 3  # ranges from one to the next, up to which reading those between costs less than a seek

_DIFFERING_ROWS = text("""
SELECT first
FROM (SELECT first, digest FROM version_ranges WHERE version_id = :before) old
    FULL JOIN (SELECT first, digest FROM version_ranges WHERE version_id = :after) new
    USING (first)
WHERE old.digest IS DISTINCT FROM new.digest AND first >= :first
ORDER BY first
""")
_DIGESTS = text("""
SELECT first, string_agg(digests, ''::bytea) FILTER (WHERE version_id = :before) AS before,
    string_agg(digests, ''::bytea) FILTER (WHERE version_id = :after) AS after
FROM version_ranges
WHERE version_id IN (:before, :after) AND first = ANY (CAST(:rows AS smallint[]))
GROUP BY first ORDER BY first
""")
_LACK = text("""
SELECT NOT (EXISTS (SELECT FROM version_ranges WHERE version_id = :before)
    AND EXISTS (SELECT FROM version_ranges WHERE version_id = :after))
""")


class RangeDigests:
    """Takes leaves in the order of the tree, and keeps the digest of each range."""

    def __init__(self) -> None:
        self._range = b""
        self._hash = sha256()
        self._rows: dict[int, bytearray] = {}

    def add(self, content: bytes, leaf: bytes) -> None:
        """Take the next leaf, with the SHA-256 of its content."""
        if content[:2] != self._range:
            self._end_range()
            self._range, self._hash = content[:2], sha256()
        self._hash.update(content + leaf)

    def list_rows(self) -> list[tuple[int, bytes]]:
        """Return first bytes, each with the digests of its 256 ranges; nothing without leaves."""
        self._end_range()
        return [(first, bytes(digests)) for first, digests in self._rows.items()]

    def _end_range(self) -> None:
        if self._range:
            first, second = self._range
            row = self._rows.setdefault(first, bytearray(_NOTHING))
            row[second * _SIZE : (second + 1) * _SIZE] = self._hash.digest()


def insert_ranges(session: Session, version_id: UUID, digests: RangeDigests) -> None:
    """Write a version's digests."""
    rows = [
        {
            "version_id": version_id,
            "first": first,
            "digest": sha256(row).digest(),
            "digests": row,
        }
        for first, row in digests.list_rows()
    ]
    session.execute(insert(VersionRange).returning(VersionRange.first), rows)


def find_differing_ranges(
    session: Session, before: UUID, after: UUID, begin: bytes
) -> Iterator[bytes]:
    """Yield the ranges from `begin` on that two versions hold differently, by their two bytes.

    Of versions that an earlier release froze the digests are missing: then it is all ranges.
    """
    sides = {"before": before, "after": after}
    if session.scalar(_LACK, sides):
        first = int.from_bytes(begin.ljust(2, b"\0"))
        yield from (number.to_bytes(2) for number in range(first, NUMBER))
        return
    rows = session.scalars(_DIFFERING_ROWS, sides | {"first": begin[0] if begin else 0}).all()
    for number in range(0, len(rows), _ROWS):
        some = {"rows": list(rows[number : number + _ROWS])}
        for row in session.execute(_DIGESTS, sides | some).all():
            one, other = row.before or _NOTHING, row.after or _NOTHING
            for second in range(256):
                place = slice(second * _SIZE, (second + 1) * _SIZE)
                name = bytes((row.first, second))
                if one[place] != other[place] and name >= begin:
                    yield name


def join_ranges(ranges: list[bytes], begin: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the first and the last content of each run of ranges, from `begin` on.

    `ranges` are in order. Those near each other are one run, with the ranges between them, in which
    there is nothing to be found.
    """
    firsts, lasts = list[bytes](), list[bytes]()
    for one in ranges:
        if lasts and int.from_bytes(one) - int.from_bytes(lasts[-1][:2]) <= _GAP:
            lasts.pop()
        else:
            firsts.append(max(one, begin))
        lasts.append(one + b"\xff" * (_SIZE - 2))
    return firsts, lasts
