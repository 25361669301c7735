"""Partitions are made ahead and dropped by retention; what they were summed up to stays."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from functions.upkeep import partition
from shared.messaging.messages import PartitionDue, RollUpDue
from shared.models import InputCount, Model, Prediction, PredictionCount
from shared.services import services
from shared.storage.names import name_prediction
from tests.harness import Person, System

NOW = dt.datetime.now(dt.UTC)
OLD = dt.datetime(2020, 1, 15, tzinfo=dt.UTC)


@pytest.fixture
def old_partition(engine: Engine, session: Session) -> Iterator[str]:
    """Yield the partition of January 2020, as it was made then."""
    name = "predictions_2020_01"
    with engine.begin() as connection:
        connection.execute(
            text(
                f"CREATE TABLE {name} PARTITION OF predictions"
                " FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00')"
            )
        )
    yield name
    session.rollback()  # a table that somebody has read in a transaction cannot be dropped
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


@pytest.fixture
def model(session: Session, person: Person) -> Model:
    row = Model(user_id=person.id, name="m", model_type="onnx", file_path="f")
    session.add(row)
    session.commit()
    return row


def log_prediction(
    session: Session, model: Model, created_at: dt.datetime, **columns: object
) -> str:
    """Log a prediction; return the partition that it went to."""
    row = Prediction(
        model_id=model.id, user_id=model.user_id, input_data={}, created_at=created_at, **columns
    )
    session.add(row)
    session.commit()
    where = text("SELECT tableoid::regclass::text FROM predictions WHERE id = :id")
    name = str(session.scalar(where, {"id": row.id}))
    session.commit()
    return name


def partitions(session: Session) -> set[str]:
    names = "SELECT inhrelid::regclass::text FROM pg_inherits"
    found = set(session.scalars(text(f"{names} WHERE inhparent = 'predictions'::regclass")))
    session.commit()
    return found


def keep_house(system: System, *also: RollUpDue) -> None:
    for due in (PartitionDue(), *also):
        system.send(due)
        system.drain()
    assert set(system.statuses) == {204}


def test_what_is_past_its_retention_goes_and_the_rest_stays(
    system: System, session: Session, model: Model, old_partition: str
) -> None:
    assert log_prediction(session, model, OLD) == old_partition
    assert log_prediction(session, model, OLD - dt.timedelta(days=60)) == "predictions_default"
    days = services().settings.retention_days_predictions
    kept = NOW - dt.timedelta(days=days - 2)
    assert log_prediction(session, model, kept) == "predictions_default"
    log_prediction(session, model, NOW)
    keep_house(system)
    assert old_partition not in partitions(session)
    assert sorted(session.scalars(select(Prediction.created_at))) == [kept, NOW]
    total = sum(session.scalars(select(PredictionCount.count)))
    assert total == 4  # the sums remember


def test_stored_inputs_and_outputs_go_first(
    system: System, session: Session, model: Model, old_partition: str
) -> None:
    storage = services().storage
    names = [name_prediction(model.user_id, model.id, part) for part in ("a", "b", "c")]
    for name in names:
        storage.put_once(name, b"{}", "application/json")
    log_prediction(session, model, OLD, input_object=names[0], output_object=names[1])
    log_prediction(session, model, NOW, input_object=names[2])
    keep_house(system)
    assert [storage.find(name) is None for name in names] == [True, True, False]
    assert old_partition not in partitions(session)


def test_months_ahead_have_their_partition(
    system: System, session: Session, engine: Engine
) -> None:
    last = max(partitions(session) - {"predictions_default"})
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {last}"))
    keep_house(system)
    assert last in partitions(session)
    keep_house(system)  # a second time there is nothing to do


def test_a_partition_waits_while_its_objects_cannot_all_be_deleted(
    system: System,
    session: Session,
    model: Model,
    old_partition: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log_prediction(session, model, OLD, input_object=name_prediction(model.user_id, model.id, "d"))
    monkeypatch.setattr(partition, "BUDGET", -1)
    keep_house(system)
    assert old_partition in partitions(session)


def test_old_sums_are_kept_by_month(system: System, session: Session, model: Model) -> None:
    days = services().settings.retention_days_daily_statistics
    old = (NOW - dt.timedelta(days=days + 40)).replace(day=20)
    for created_at in (old, old + dt.timedelta(days=1), NOW):
        log_prediction(
            session, model, created_at, inference_time_ms=5.0, input_profile={"x": {"1": 1}}
        )
    system.send(RollUpDue())
    system.drain()
    keep_house(system, RollUpDue())
    session.expire_all()
    sums = {row.day: row.count for row in session.scalars(select(PredictionCount))}
    assert sums == {old.date().replace(day=1): 2, NOW.date(): 1}
    # What a model was given in its first week stays, to compare with.
    assert len(session.scalars(select(InputCount)).all()) == 3


def test_inputs_between_the_first_week_and_the_last_months_are_dropped(
    system: System, session: Session, model: Model
) -> None:
    for days in (400, 395, 300, 120, 10):
        at = NOW - dt.timedelta(days=days)
        session.add(
            InputCount(
                user_id=model.user_id,
                model_id=model.id,
                day=at.date(),
                input="x",
                bucket=1,
                count=1,
            )
        )
    session.commit()
    keep_house(system)
    left = [(NOW.date() - day).days for day in session.scalars(select(InputCount.day))]
    assert sorted(left) == [10, 395, 400]
