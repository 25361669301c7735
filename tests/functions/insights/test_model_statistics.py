"""Statistics of models are those of the log, from sums that triggers keep."""

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from shared.insights.histograms import PERCENTILE_BOUND
from shared.insights.merging import merge_counts
from shared.insights.profiles import build_input_profile
from shared.models import InputCount, Model, Prediction, PredictionCount
from shared.models.base import new_id
from tests.functions.insights.conftest import Log, add_model
from tests.harness import Person, System, expect

# As the design of the model platform has it.
SEED_QUERY = """
SELECT
    m.name,
    m.version,
    COUNT(p.id) as total_predictions,
    AVG(p.inference_time_ms) as avg_inference_time,
    COUNT(CASE WHEN p.status = 'failed' THEN 1 END) as failed_predictions
FROM models m
LEFT JOIN predictions p ON m.id = p.model_id
WHERE m.user_id = :user_id
GROUP BY m.id, m.name, m.version;
"""


def statistics(person: Person, query: str = "") -> Any:
    return person.get(f"/v1/analytics/models{query}")["items"]


def test_a_model_that_nobody_ran(person: Person, model: Model) -> None:
    [shown] = statistics(person)
    assert (shown["name"], shown["version"], shown["total_predictions"]) == ("digits", 1, 0)
    for name in ("avg", "p50", "p95", "p99"):
        assert shown[f"{name}_inference_time_ms"] is None
    assert (shown["failures"], shown["drift"], shown["last_used_on"]) == ({}, None, None)


def test_counts_averages_and_failures_by_code(
    person: Person, model: Model, log: Log, session: Session
) -> None:
    for ms in (10, 20, 30):
        log(inference_time_ms=ms)
    log(status="failed", error_code="timeout", inference_time_ms=None)
    log(status="failed", error_code="timeout", inference_time_ms=None)
    log(status="failed", inference_time_ms=40)
    log(status="pending", inference_time_ms=None)
    [shown] = statistics(person)
    assert shown["model_id"] == str(model.id)
    assert (shown["total_predictions"], shown["failed_predictions"]) == (7, 3)
    assert shown["pending_predictions"] == 1
    assert shown["avg_inference_time_ms"] == 25
    assert shown["failures"] == {"failed": 1, "timeout": 2}
    assert shown["p99_inference_time_ms"] == pytest.approx(40, rel=0.09)
    assert shown["last_used_on"] == str(
        session.scalar(text("SELECT (now() AT TIME ZONE 'UTC')::date"))
    )


def test_a_pending_prediction_moves_when_it_ends(
    person: Person, session: Session, log: Log
) -> None:
    row = log(status="pending", inference_time_ms=None)
    row.status, row.inference_time_ms = "success", 12.0
    session.commit()
    other = log(status="pending", inference_time_ms=None)
    other.status, other.error_code = "failed", "out_of_memory"
    session.commit()
    for merged in (False, True):
        if merged:
            merge_counts(session, PredictionCount, 100)
            session.commit()
        [shown] = statistics(person)
        assert (shown["total_predictions"], shown["pending_predictions"]) == (2, 0)
        assert shown["failures"] == {"out_of_memory": 1}
        assert shown["avg_inference_time_ms"] == 12


def test_they_are_what_the_designs_query_says_of_the_log(
    session: Session, person: Person, model: Model
) -> None:
    chance = random.Random(3)
    models = [model.id, *(add_model(session, person, version=n).id for n in (2, 3))]
    now = dt.datetime.now(dt.UTC)
    rows: list[dict[str, Any]] = [
        {
            "model_id": chance.choice(models),
            "user_id": person.id,
            "input_data": {},
            "status": status,
            "error_code": "timeout" if status == "failed" else None,
            "inference_time_ms": chance.lognormvariate(2, 1) if status == "success" else None,
            "created_at": now - dt.timedelta(days=chance.randrange(80)),
        }
        for status in chance.choices(["success", "failed", "pending"], [8, 1, 1], k=300)
    ]
    session.execute(insert(Prediction), rows)
    merge_counts(session, PredictionCount, 150)  # some are added up, some are not
    session.commit()
    asked = session.execute(text(SEED_QUERY), {"user_id": person.id})
    expected = {(row.name, row.version): row for row in asked}
    shown = statistics(person)
    assert len(shown) == len(expected) == 3
    for one in shown:
        logged = expected[one["name"], one["version"]]
        assert one["total_predictions"] == logged.total_predictions
        assert one["failed_predictions"] == logged.failed_predictions
        assert one["avg_inference_time_ms"] == pytest.approx(logged.avg_inference_time, abs=1e-4)
        exact = session.execute(
            text(
                "SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP"
                " (ORDER BY inference_time_ms) FROM predictions WHERE model_id = :id"
            ),
            {"id": one["model_id"]},
        ).scalar_one()
        for name, value in zip(("p50", "p95", "p99"), exact, strict=True):
            found = one[f"{name}_inference_time_ms"]
            assert value / PERCENTILE_BOUND <= found <= value * PERCENTILE_BOUND


def test_sums_outlive_the_log(session: Session, person: Person, log: Log) -> None:
    log()
    session.execute(delete(Prediction))
    session.commit()
    assert statistics(person)[0]["total_predictions"] == 1


def test_the_last_days_only(person: Person, log: Log) -> None:
    log(0, inference_time_ms=10)
    log(40, inference_time_ms=1000)
    assert statistics(person)[0]["total_predictions"] == 2
    [recent] = statistics(person, "?days=30")
    assert (recent["total_predictions"], recent["avg_inference_time_ms"]) == (1, 10)


def test_newest_first_a_page_at_a_time(session: Session, person: Person, model: Model) -> None:
    newer = add_model(session, person, version=2)
    first = person.get("/v1/analytics/models?limit=1")
    second = person.get(f"/v1/analytics/models?limit=1&cursor={first['next_cursor']}")
    found = [page["items"][0]["model_id"] for page in (first, second)]
    assert found == [str(newer.id), str(model.id)]


def test_only_ones_own(system: System, person: Person, log: Log) -> None:
    log()
    assert statistics(system.person()) == []


@pytest.mark.parametrize("query", ["?days=0", "?days=91", "?days=x", "?limit=0"])
def test_bad_queries(person: Person, query: str) -> None:
    expect(person.request("GET", f"/v1/analytics/models{query}"), 422)


@pytest.mark.parametrize(("shift", "status"), [(0.0, "stable"), (3.0, "drifted")])
def test_drift_against_the_first_week(
    session: Session, person: Person, model: Model, log: Log, shift: float, status: str
) -> None:
    chance = np.random.default_rng(1)

    def inputs(mean: float) -> dict[str, dict[str, int]]:
        return build_input_profile({"x": chance.normal(mean, 1, (30, 4))})

    for day in (30, 29, 28, 27, 26):
        log(day, input_profile=inputs(5))
    log(15, input_profile=inputs(500))  # neither the first week nor the last
    merge_counts(session, InputCount, 10_000)
    session.commit()
    assert statistics(person)[0]["drift"] is None  # nothing is known of the last one
    for day in (6, 4, 2, 1, 0):
        log(day, input_profile=inputs(5 + shift))
    merge_counts(session, InputCount, 10_000)
    session.commit()
    [shown] = statistics(person)
    assert shown["drift"]["status"] == status
    assert set(shown["drift"]["inputs"]) == {"x mean", "x spread"}
    assert shown["drift"]["score"] == max(shown["drift"]["inputs"].values())
    assert shown["drift"]["inputs"]["x spread"] < 0.25


def test_a_statement_of_many_rows_leaves_few(session: Session, model: Model) -> None:
    session.execute(
        insert(Prediction).values(
            [
                {
                    "id": new_id(),
                    "model_id": model.id,
                    "user_id": model.user_id,
                    "input_data": {},
                    "inference_time_ms": 5.0,
                }
                for _ in range(200)
            ]
        )
    )
    session.commit()
    counts = session.scalars(select(PredictionCount.count)).all()
    assert sum(counts) == 200
    assert len(counts) < 5
