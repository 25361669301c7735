"""Perceptual hashes that are near each other, by Hamming distance.

Comparing each with each takes too long, so candidates are found by bands of bits (multi-index
hashing: Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012).
For some hashes among those of a project, indexed bands are probed; within a crawl job, where many
meet many, more bands are joined for equality.
"""

from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import BIT, array, distinct_on

from shared.models import DeletedImage, Image

_BITS = 64
# Of three bands, one differs in at most a third of the bits in which two hashes differ. Up to two
# flips in a band are probed; beyond that, comparing all is no slower. Joining bands for equality
# pays up to eight flips: with nine bands of seven bits one pair of strangers in fourteen agrees in
# some band; with more and shorter bands nearly all do.
_MOST_BY_BANDS = 8
_BANDS = (("phash_high", 43, 21), ("phash_middle", 22, 21), ("phash_low", 0, 22))


def hamming_distance(
    one: SQLColumnExpression[Any], other: SQLColumnExpression[Any]
) -> ColumnElement[int]:
    """Return SQL for the number of bits, of 64, in which two hashes differ."""
    return func.bit_count(cast(one.op("#")(other), BIT(_BITS)), type_=Integer)


def looks_like(
    phash: int | SQLColumnExpression[Any],
    limit: int,
    of: type[Image] | type[DeletedImage] = Image,
) -> ColumnElement[bool]:
    """Return whether an image has a hash that differs from `phash` in at most `limit` bits.

    With a condition on `project_id`, three indexes find the candidates up to 8 bits; above that,
    every hash of the project is compared.
    """
    other: SQLColumnExpression[Any] = cast(phash, BigInteger) if isinstance(phash, int) else phash
    exact = hamming_distance(of.phash, other) <= limit
    if limit > _MOST_BY_BANDS:
        return exact
    candidates = []
    for name, shift, size in _BANDS:
        shifted = other.op(">>")(literal(shift, Integer))
        band = cast(shifted.op("&")(literal(2**size - 1, BigInteger)), Integer)
        candidates.append(getattr(of, name) == any_(_list_probes(band, size, limit // 3)))
    return and_(or_(*candidates), exact)


def _list_probes(band: ColumnElement[Any], size: int, radius: int) -> ColumnElement[Any]:
    """Return SQL for an array of all bands that differ in at most `radius` (0–2) bits."""
    if radius == 0:
        return array([band])
    probes = func.phash_probes(band, size)
    if radius == 1:
        return probes
    probe = func.unnest(probes, type_=Integer).column_valued("probe")
    return func.array(select(func.unnest(func.phash_probes(probe, size))).scalar_subquery())


def select_similar(
    crawl_job_id: UUID, distance: int, *, after: UUID | None = None, until: UUID | None = None
) -> Select[UUID, UUID, int]:
    """Select (image_id, original_id, distance): each image with the most similar earlier one.

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
    parts = [repeats, _select_pairs(firsts, distance, after)] if distance else [repeats]
    pairs = union_all(*parts).subquery("pairs")
    return (
        select(pairs.c.id.label("image_id"), pairs.c.original_id, pairs.c.bits.label("distance"))
        .ext(distinct_on(pairs.c.id))
        .order_by(pairs.c.id, pairs.c.bits, pairs.c.original_id)
    )


def _select_pairs(firsts: CTE, distance: int, after: UUID | None) -> Select[UUID, UUID, int]:
    """Select pairs of different hashes within the distance, as (id, original_id, bits).

    Two hashes that differ in at most d bits agree in one of d + 1 bands at least, so equal bands
    give all candidates.
    """
    by_bands = distance <= _MOST_BY_BANDS
    later, earlier = (
        _split_into_bands(firsts, distance + 1, name) if by_bands else firsts.alias(name)
        for name in ("later", "earlier")
    )
    comes_before = earlier.c.id < later.c.id
    matches = and_(earlier.c.band == later.c.band, comes_before) if by_bands else comes_before
    bits = hamming_distance(later.c.phash, earlier.c.phash)
    pairs = (
        select(later.c.id, earlier.c.id.label("original_id"), bits.label("bits"))
        .join(earlier, matches)
        .where(bits <= distance)
    )
    return pairs if after is None else pairs.where(later.c.id > after)


def _split_into_bands(firsts: CTE, count: int, name: str) -> FromClause:
    """Return each hash once per band: its bits in that band, with the band's number above them.

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
