"""Drift: whether a model's inputs still look like those that it began with."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from math import log
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.insights.sums import aggregate_histogram, today
from shared.models import InputCount, Model
from shared.schemas.insights import Drift, DriftStatus

Histogram = Mapping[int, int]

WEEK = 7  # days at a model's beginning, and up to now, that are compared
LEAST = 100  # values on each side, for a comparison to mean anything
_SHARE = 0.1  # of the reference that a bin has at least
_SHIFTING, _DRIFTED = 0.1, 0.25  # the usual reading of the index


def measure_population_stability(reference: Histogram, recent: Histogram) -> float | None:
    """Return the population stability index Σ (r − e) ln(r / e); 0 for equal distributions.

    Bins are neighbouring buckets that hold a tenth of the reference each. What chance alone would
    give, (bins − 1)(1/n + 1/m), is taken off (Yurdakul and Naranjo, Statistical properties of the
    population stability index, 2020). None where either side has fewer than `LEAST` values.
    """
    expected_total, recent_total = sum(reference.values()), sum(recent.values())
    if expected_total < LEAST or recent_total < LEAST:
        return None
    ends = _find_bin_ends(reference, expected_total)
    expected, found = _count_bins(reference, ends), _count_bins(recent, ends)
    index = 0.0
    for e, r in zip(expected, found, strict=True):
        # Half a value in an empty bin, so that no logarithm is infinite.
        e_share = max(e, 0.5) / expected_total
        r_share = max(r, 0.5) / recent_total
        index += (r_share - e_share) * log(r_share / e_share)
    chance = (len(expected) - 1) * (1 / expected_total + 1 / recent_total)
    return round(max(0.0, index - chance), 4)


def grade_drift(index: float) -> DriftStatus:
    """Return how an index is usually read (Siddiqi, Credit Risk Scorecards, 2006): 0.1 and 0.25."""
    if index > _DRIFTED:
        return "drifted"
    return "shifting" if index > _SHIFTING else "stable"


def _find_bin_ends(reference: Histogram, total: int) -> list[int]:
    """Return the last bucket of each bin but the last.

    The first bin lies below the reference, and the last one above it.
    """
    buckets = sorted(reference)
    ends, held = [buckets[0] - 1], 0
    for bucket in buckets:
        held += reference[bucket]
        if held >= _SHARE * total:
            ends.append(bucket)
            held = 0
    return ends if ends[-1] == buckets[-1] else [*ends, buckets[-1]]


def _count_bins(histogram: Histogram, ends: list[int]) -> list[int]:
    """Count the values that lie up to each end, and how many beyond the last."""
    bins = [0] * (len(ends) + 1)
    for bucket, count in histogram.items():
        bins[bisect_left(ends, bucket)] += count
    return bins


def measure_drifts(session: Session, caller: Caller, models: Collection[UUID]) -> dict[UUID, Drift]:
    """Return by model how far the last week's inputs are from those of its first week.

    Models younger than two weeks are left out. Only merged counts are read: an index finds those
    of the two weeks, and counts that are not merged yet, of which a busy minute adds many, cost
    nothing.
    """
    table = InputCount
    of_caller = (table.user_id == caller.id, table.is_merged)
    first_day = select(func.min(table.day)).where(*of_caller, table.model_id == Model.id)
    begun = (
        select(Model.id, first_day.scalar_subquery().label("day"))
        .where(Model.id.in_(models))
        .cte("begun")
    )
    old_enough = begun.c.day <= today() - 2 * WEEK
    weeks = union_all(
        select(begun.c.id, literal(False).label("is_last"), begun.c.day).where(old_enough),
        select(begun.c.id, literal(True), today() + 1 - WEEK).where(old_enough),
    ).subquery()
    sums = (
        select(weeks.c.id, weeks.c.is_last, table.input, table.bucket)
        .add_columns(func.sum(table.count).label("count"))
        .join(
            table,
            and_(
                *of_caller,
                table.model_id == weeks.c.id,
                table.day.between(weeks.c.day, weeks.c.day + (WEEK - 1)),
            ),
        )
        .group_by(weeks.c.id, weeks.c.is_last, table.input, table.bucket)
        .having(func.sum(table.count) > 0)
        .subquery()
        .c
    )
    rows = session.execute(
        select(
            sums.id, sums.input, sums.is_last, aggregate_histogram(sums.bucket, sums.count)
        ).group_by(sums.id, sums.input, sums.is_last)
    )
    return _compare_weeks(rows)


def _compare_weeks(rows: Iterable[Any]) -> dict[UUID, Drift]:
    histograms: dict[tuple[UUID, str], dict[bool, dict[int, int]]] = {}
    for model_id, name, is_last, counts in rows:
        week = {int(bucket): count for bucket, count in counts.items()}
        histograms.setdefault((model_id, name), {})[is_last] = week
    scores: dict[UUID, dict[str, float]] = {}
    for (model_id, name), weeks in histograms.items():
        score = measure_population_stability(weeks.get(False, {}), weeks.get(True, {}))
        if score is not None:
            scores.setdefault(model_id, {})[name] = score
    return {
        model_id: Drift(
            status=grade_drift(max(found.values())), score=max(found.values()), inputs=found
        )
        for model_id, found in scores.items()
    }
