"""How far the inputs of models have moved from those that they began with."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import InputCount, Model
from shared.queries.sums import histogram, today
from shared.schemas.insights import Drift
from shared.statistics.drift import WEEK, population_stability, status_of


def drifts(session: Session, caller: Caller, models: Collection[UUID]) -> dict[UUID, Drift]:
    """How far the last week's inputs are from the first week's, where both are known.

    Only what is merged: then an index leads to the two weeks, however busy the last minute was.
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
        select(sums.id, sums.input, sums.is_last, histogram(sums.bucket, sums.count)).group_by(
            sums.id, sums.input, sums.is_last
        )
    )
    return _compared(rows)


def _compared(rows: Iterable[Any]) -> dict[UUID, Drift]:
    histograms: dict[tuple[UUID, str], dict[bool, dict[int, int]]] = {}
    for model_id, name, is_last, counts in rows:
        week = {int(bucket): count for bucket, count in counts.items()}
        histograms.setdefault((model_id, name), {})[is_last] = week
    scores: dict[UUID, dict[str, float]] = {}
    for (model_id, name), weeks in histograms.items():
        score = population_stability(weeks.get(False, {}), weeks.get(True, {}))
        if score is not None:
            scores.setdefault(model_id, {})[name] = score
    return {
        model_id: Drift(
            status=status_of(max(found.values())), score=max(found.values()), inputs=found
        )
        for model_id, found in scores.items()
    }
