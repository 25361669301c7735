"""Which images of a crawl job look like an earlier one, by their perceptual hashes."""

from itertools import accumulate
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    FromClause,
    Integer,
    Select,
    and_,
    cast,
    column,
    func,
    literal,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import BIT, distinct_on

from shared.models import Image

_BITS = 64
# With nine bands of seven bits, one pair in fourteen is compared; with many more, nearly all.
_MOST_BY_BANDS = 8


def near_duplicates_statement(
    crawl_job_id: UUID, distance: int, *, after: UUID | None = None, until: UUID | None = None
) -> Select[UUID, UUID, int]:
    """Rows (image_id, original_id, distance): each image with the most similar earlier one.

    An image is listed when an image of the same crawl job with a smaller id has a hash that
    differs in at most `distance` (0–16) of 64 bits, so the first of each kind never is. `after`
    and `until` bound the ids that are judged (exclusive, inclusive), always against all earlier
    ones. Above 8 bits every pair is compared, some million a second: judge in portions.
    """
    judged = [Image.crawl_job_id == crawl_job_id, Image.phash.is_not(None)]
    if until is not None:
        judged.append(Image.id <= until)
    firsts = (
        select(Image.id, Image.phash)
        .where(*judged)
        .ext(distinct_on(Image.phash))
        .order_by(Image.phash, Image.id)
        .cte("firsts")
    )
    if after is not None:
        judged.append(Image.id > after)
    repeats = (
        select(Image.id, firsts.c.id.label("original_id"), literal(0, Integer).label("bits"))
        .join(firsts, and_(firsts.c.phash == Image.phash, firsts.c.id < Image.id))
        .where(*judged)
    )
    parts = [repeats, _similar(firsts, distance, after)] if distance else [repeats]
    found = union_all(*parts).subquery("found")
    return (
        select(found.c.id.label("image_id"), found.c.original_id, found.c.bits.label("distance"))
        .ext(distinct_on(found.c.id))
        .order_by(found.c.id, found.c.bits, found.c.original_id)
    )


def _similar(firsts: CTE, distance: int, after: UUID | None) -> Select[UUID, UUID, int]:
    """Pairs of different hashes within the distance, as (id, original_id, bits).

    Two hashes that differ in at most d bits agree in one of d + 1 bands at least, so equal bands
    give all candidates without comparing each with each (Norouzi, Punjani and Fleet, "Fast search
    in Hamming space with multi-index hashing", 2012).
    """
    by_bands = distance <= _MOST_BY_BANDS
    later, earlier = (
        _banded(firsts, distance + 1, name) if by_bands else firsts.alias(name)
        for name in ("later", "earlier")
    )
    comes_before = earlier.c.id < later.c.id
    matches = and_(earlier.c.band == later.c.band, comes_before) if by_bands else comes_before
    bits = func.bit_count(cast(later.c.phash.op("#")(earlier.c.phash), BIT(_BITS)), type_=Integer)
    pairs = (
        select(later.c.id, earlier.c.id.label("original_id"), bits.label("bits"))
        .join(earlier, matches)
        .where(bits <= distance)
    )
    return pairs if after is None else pairs.where(later.c.id > after)


def _banded(firsts: CTE, count: int, name: str) -> FromClause:
    """Each hash once per band: its bits in that band, with the band's number above them.

    `count` is at least two, so that no band has more than 32 bits.
    """
    sizes = [(_BITS + index) // count for index in range(count)]
    starts = accumulate(sizes[:-1], initial=0)
    bands = values(
        column("start", Integer),
        column("mask", BigInteger),
        column("number", BigInteger),
        name="bands",
        literal_binds=True,
    ).data(
        [
            (start, 2**size - 1, number << 32)
            for number, (start, size) in enumerate(zip(starts, sizes, strict=True))
        ]
    )
    in_band = firsts.c.phash.op(">>")(bands.c.start).op("&")(bands.c.mask)
    return (
        select(firsts.c.id, firsts.c.phash, in_band.op("|")(bands.c.number).label("band"))
        .join_from(firsts, bands, true())
        .subquery(name)
    )
