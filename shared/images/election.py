"""Elects the original among images that look alike: the best of the project.

Take the images in the order of `rank`, best first: each is an original unless it looks like an
original before it; then it is a duplicate of the one of these that it is nearest to. So originals
always differ by more than the distance, a duplicate always looks like its original, and which image
is what depends on the images alone, not on the order in which they came. When one comes or goes,
only those that it affects are judged again: worse ones that look like it, and what they stood for.
"""

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, column, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from shared.images.similarity import hamming_distance, looks_like
from shared.models import Image

# The most images that are judged again for one chunk or upload, and the most neighbours of one that
# are looked at. Where there are more, the picture is one that nearly everything looks like (a page
# of one colour): those beyond the limit follow the original that they have.
MOST_REVISED = 2_000

_ALL_BITS = 2**64 - 1

Rank = tuple[int, int, str, UUID]


@dataclass(slots=True)
class Candidate:
    """An image in an election; `original` is the id of the image that it is a duplicate of."""

    id: UUID
    phash: int
    rank: Rank
    is_duplicate: bool
    original: UUID | None


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """An image that became a duplicate or an original, or the duplicate of another image.

    `before` and `after` are the ids of what it is a duplicate of, None where it is an original (or,
    before, where that was deleted).
    """

    image_id: UUID
    was_duplicate: bool
    before: UUID | None
    after: UUID | None


def rank(
    image_id: UUID, width: int | None, height: int | None, size: int | None, sha256: str | None
) -> Rank:
    """Return the key by which images are sorted, best first: most pixels, then most bytes.

    Of equal sizes the one with more bytes was compressed less. Between equal bytes the content's
    SHA-256 decides, so that it is not the order of arrival; equal contents have the same, and of
    them the one with the first id is the original.
    """
    return -(width or 0) * (height or 0), -(size or 0), sha256 or "", image_id


class Election:
    """Finds out which of a project's images change their place after some have come or gone.

    Begin it with the project's contents locked (`shared.images.originals.lock_contents`).
    Nothing is written. Rejected images take no part.
    """

    def __init__(self, session: Session, project_id: UUID, distance: int) -> None:
        self._session = session
        self._project_id = project_id
        self._distance = distance
        self._candidates: dict[UUID, Candidate] = {}
        self._before: dict[UUID, tuple[bool, UUID | None]] = {}
        self._neighbours: dict[int, list[tuple[int, Candidate]]] = {}
        self._elected: list[Candidate] = []
        self._queue: list[Rank] = []
        self._queued: set[UUID] = set()
        self._revised = 0

    def run(self, image_ids: Collection[UUID]) -> list[PlaceChange]:
        """Judge images that are new, or lost their original, and all that this affects."""
        self._enqueue(self._load(Image.id.in_(image_ids)))
        unjudged = set(image_ids)
        while self._queue:
            candidate = self._candidates[heapq.heappop(self._queue)[-1]]
            self._queued.discard(candidate.id)
            self._judge(candidate, is_new=candidate.id in unjudged)
            unjudged.discard(candidate.id)
        return [
            PlaceChange(one.id, was_duplicate, before, one.original)
            for one in self._candidates.values()
            for was_duplicate, before in [self._before[one.id]]
            if (was_duplicate, before) != (one.is_duplicate, one.original)
        ]

    def _judge(self, candidate: Candidate, *, is_new: bool) -> None:
        stood_for_itself = not candidate.is_duplicate
        original = self._find_original(candidate)
        candidate.is_duplicate, candidate.original = original is not None, original
        if original is None and (is_new or not stood_for_itself):
            self._elected.append(candidate)
            worse = (one for _, one in self._find_near(candidate) if one.rank > candidate.rank)
            self._revise(worse)
        elif original is not None and stood_for_itself and not is_new:
            self._revise(self._find_duplicates(candidate))

    def _find_original(self, candidate: Candidate) -> UUID | None:
        """Return the id of the nearest better original that the candidate looks like."""
        found = [
            (bits, one.rank)
            for bits, one in self._find_near(candidate)
            if not one.is_duplicate and one.id not in self._queued and one.rank < candidate.rank
        ]
        for one in self._elected:
            bits = ((one.phash ^ candidate.phash) & _ALL_BITS).bit_count()  # they are signed
            if not one.is_duplicate and one.rank < candidate.rank and bits <= self._distance:
                found.append((bits, one.rank))
        return min(found)[1][-1] if found else None

    def _revise(self, candidates: Iterable[Candidate]) -> None:
        """Have images judged again, as long as they are not too many."""
        again = []
        for one in candidates:
            if self._revised == MOST_REVISED:
                break
            if one.id not in self._queued:
                self._revised += 1
                again.append(one)
        self._enqueue(again)

    def _enqueue(self, candidates: Iterable[Candidate]) -> None:
        for one in candidates:
            self._queued.add(one.id)
            heapq.heappush(self._queue, one.rank)

    def _find_duplicates(self, candidate: Candidate) -> list[Candidate]:
        self._load(Image.duplicate_of == candidate.id, limit=MOST_REVISED - self._revised)
        return [one for one in self._candidates.values() if one.original == candidate.id]

    def _find_near(self, candidate: Candidate) -> list[tuple[int, Candidate]]:
        """Return (bits, image) of those that the candidate looks like, as far as they matter.

        These are originals, and duplicates to which it is at least as near as their originals are.
        """
        if candidate.phash not in self._neighbours:
            queued = (self._candidates[one].phash for one in self._queued)
            self._load_neighbours([candidate.phash, *queued])
        return self._neighbours[candidate.phash]

    def _load_neighbours(self, hashes: Iterable[int]) -> None:
        missing = sorted(set(hashes) - set(self._neighbours))
        self._neighbours |= {phash: [] for phash in missing}
        wanted = (
            func.unnest(literal(missing, ARRAY(BigInteger)))
            .table_valued(column("phash", BigInteger))
            .render_derived(name="wanted")
        )
        original = aliased(Image)
        bits = hamming_distance(Image.phash, wanted.c.phash)
        of_original = hamming_distance(Image.phash, original.phash)
        near = (
            select(*_COLUMNS, bits.label("bits"))
            .outerjoin(original, original.id == Image.duplicate_of)
            .where(
                *self._make_conditions(),
                looks_like(wanted.c.phash, self._distance),
                # A duplicate may find a nearer original than its own, or one as near. One that is
                # equal to its original (0 bits) cannot: what equals it equals that original too,
                # and is judged as the original's neighbour.
                or_(
                    ~Image.is_duplicate,
                    original.id.is_(None),
                    bits < of_original,
                    (bits == of_original) & (bits > 0),
                ),
            )
            .order_by(Image.is_duplicate, bits, Image.id)
            .limit(MOST_REVISED)
            .lateral("near")
        )
        rows = self._session.execute(
            select(wanted.c.phash.label("wanted"), near).join(near, true())
        )
        for row in rows:
            self._neighbours[row.wanted].append((row.bits, self._remember(row)))

    def _load(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Candidate]:
        rows = self._session.execute(
            select(*_COLUMNS)
            .where(*self._make_conditions(), condition)
            .order_by(Image.id)
            .limit(limit)
        )
        return [self._remember(row) for row in rows]

    def _make_conditions(self) -> Sequence[Any]:
        return (
            Image.project_id == self._project_id,
            Image.status == "completed",
            Image.phash.is_not(None),
            ~Image.rejected,
        )

    def _remember(self, row: Any) -> Candidate:
        """Return the candidate of a row; one that is known already keeps its new place."""
        if (known := self._candidates.get(row.id)) is not None:
            return known
        key = rank(row.id, row.width, row.height, row.file_size, row.sha256)
        candidate = Candidate(row.id, row.phash, key, row.is_duplicate, row.duplicate_of)
        self._candidates[row.id] = candidate
        self._before[row.id] = (row.is_duplicate, row.duplicate_of)
        return candidate


_COLUMNS = (
    Image.id,
    Image.phash,
    Image.width,
    Image.height,
    Image.file_size,
    Image.sha256,
    Image.is_duplicate,
    Image.duplicate_of,
)
