"""Usage by day is that of the log and of the images, every day included."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import func, text
from sqlalchemy.orm import Session

from shared.models import ApiKey, Image, Prediction
from shared.storage.names import name_upload
from tests import factories
from tests.functions.insights.conftest import Log
from tests.harness import Person, System, expect

# As the design of the model platform has it.
SEED_QUERY = """
SELECT
    DATE(created_at) as date,
    COUNT(*) as prediction_count,
    AVG(inference_time_ms) as avg_time
FROM predictions
WHERE user_id = :user_id
  AND created_at >= NOW() - INTERVAL '30 days'
GROUP BY DATE(created_at)
ORDER BY date DESC;
"""


def today(session: Session) -> dt.date:
    day: dt.date = session.scalars(text("SELECT (now() AT TIME ZONE 'UTC')::date")).one()
    return day


def test_every_day_is_there_newest_first(session: Session, person: Person) -> None:
    usage = person.get("/v1/analytics/usage")
    last = today(session)
    assert [one["date"] for one in usage["items"]] == [
        str(last - dt.timedelta(days=back)) for back in range(30)
    ]
    assert all(
        (one["prediction_count"], one["images_stored"], one["bytes_stored"]) == (0, 0, 0)
        and one["avg_inference_time_ms"] is None
        for one in usage["items"]
    )
    assert (usage["keys"], usage["next_cursor"]) == ([], None)


def test_days_are_what_the_designs_query_says_of_the_log(
    session: Session, person: Person, log: Log
) -> None:
    for day in (0, 0, 1, 5, 28.5, 28.9):
        log(day, inference_time_ms=10 + day)
    log(2, status="failed", inference_time_ms=None)
    log(200)
    session.execute(text("SET LOCAL timezone = 'UTC'"))
    expected = session.execute(text(SEED_QUERY), {"user_id": person.id}).all()
    items = person.get("/v1/analytics/usage?days=30")["items"]
    used = [one for one in items if one["prediction_count"]]
    assert [(one["date"], one["prediction_count"]) for one in used] == [
        (str(row.date), row.prediction_count) for row in expected
    ]
    assert [one["avg_inference_time_ms"] for one in used] == [
        row.avg_time if row.avg_time is None else pytest.approx(row.avg_time) for row in expected
    ]
    assert sum(one["failed_predictions"] for one in items) == 1
    assert used[0]["p95_inference_time_ms"] == pytest.approx(10, rel=0.09)


def test_storage_counts_content_once(system: System, session: Session, person: Person) -> None:
    project = factories.project(session, person.id)
    crawl = factories.crawl_job(session, project)
    first = factories.image(session, crawl, file_size=1000)
    factories.image(session, crawl, image_hash=None, is_duplicate=True, duplicate_of=first.id)
    factories.image(session, crawl, status="failed", image_hash=None)
    upload = person.upload(project.id, factories.picture(7))
    assert person.get("/v1/analytics/usage?days=1")["items"][0]["images_stored"] == 1
    system.uploaded(name_upload(project.id, UUID(upload["image_id"])))
    system.drain()
    uploaded = session.get_one(Image, UUID(upload["image_id"]))
    [day, *_] = person.get("/v1/analytics/usage?days=2")["items"]
    assert (day["images_stored"], day["bytes_stored"]) == (2, 1000 + (uploaded.file_size or 0))
    expect(person.request("DELETE", f"/v1/images/{first.id}"), 204)
    assert person.get("/v1/analytics/usage?days=2")["items"][0] == day  # it was stored that day


def test_storage_is_what_the_images_say(session: Session, person: Person) -> None:
    project = factories.project(session, person.id)
    for days in (0, 1, 1, 3):
        factories.image(
            session, project, created_at=func.now() - dt.timedelta(days=days), file_size=100
        )
    expected = {
        str(date): (count, size)
        for date, count, size in session.execute(
            text(
                "SELECT (created_at AT TIME ZONE 'UTC')::date, count(*), sum(file_size)::bigint"
                " FROM images GROUP BY 1"
            )
        )
    }
    found = {
        one["date"]: (one["images_stored"], one["bytes_stored"])
        for one in person.get("/v1/analytics/usage?days=5")["items"]
        if one["images_stored"]
    }
    assert found == expected


def test_by_key(session: Session, person: Person, log: Log) -> None:
    key = ApiKey(user_id=person.id, name="production", prefix="pxk_abcdefgh", key_hash="h")
    session.add(key)
    session.commit()
    log()
    for ms in (10, 30):
        log(3, api_key_id=key.id, inference_time_ms=ms)
    log(1, api_key_id=key.id, status="failed", inference_time_ms=None)
    log(60, api_key_id=key.id)
    production, session_use = person.get("/v1/analytics/usage")["keys"]
    assert production == {
        "api_key_id": str(key.id),
        "name": "production",
        "prefix": "pxk_abcdefgh",
        "prediction_count": 3,
        "failed_predictions": 1,
        "avg_inference_time_ms": 20,
        "last_used_on": str(today(session) - dt.timedelta(days=1)),
    }
    assert (session_use["api_key_id"], session_use["name"]) == (None, None)
    assert session_use["prediction_count"] == 1


def test_only_ones_own(system: System, person: Person, log: Log) -> None:
    log()
    usage = system.person().get("/v1/analytics/usage")
    assert sum(one["prediction_count"] for one in usage["items"]) == 0
    assert usage["keys"] == []


@pytest.mark.parametrize("query", ["?days=0", "?days=91", "?days=-1", "?day=3"])
def test_bad_queries(person: Person, query: str) -> None:
    expect(person.request("GET", f"/v1/analytics/usage{query}"), 422)


def test_the_log_is_not_read(session: Session, person: Person, log: Log) -> None:
    row = log()
    session.delete(session.get_one(Prediction, (row.id, row.created_at)))
    session.commit()
    assert person.get("/v1/analytics/usage")["items"][0]["prediction_count"] == 1
