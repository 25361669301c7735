"""Make the coming months' partitions, and drop the log of predictions that has had its time."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.insights.drift import WEEK
from shared.insights.merging import fold_into_months
from shared.messaging.messages import PartitionDue
from shared.models import InputCount, Prediction, PredictionCount, StorageCount
from shared.settings import Settings
from shared.storage.bucket import Storage

_AHEAD = 3  # months: a schedule that is broken for a quarter loses nothing
_BATCH = 1000
BUDGET = 240  # seconds; a day later the next run goes on


def handle(due: PartitionDue, engine: Engine, storage: Storage, settings: Settings) -> None:
    """Keep partitions and old statistics in order.

    A month goes whole, once all of it is past its retention, so a prediction may stay up to a
    month longer; those of months that never had a partition go to the day.
    """
    with transaction(engine) as session:
        session.execute(text("SELECT ensure_partitions('predictions', :n)"), {"n": _AHEAD})
    now = datetime.now(UTC)
    until = now - timedelta(days=settings.retention_days_predictions)
    deadline = time.monotonic() + BUDGET
    if _release_objects(engine, storage, until, deadline):
        with transaction(engine) as session:
            session.execute(text("SELECT drop_partitions('predictions', :until)"), {"until": until})
        _empty_default(engine, until, deadline)
    with transaction(engine) as session:
        fold_partitions(session, now - timedelta(days=settings.retention_days_daily_statistics))


def _release_objects(engine: Engine, storage: Storage, until: datetime, deadline: float) -> bool:
    """Delete the objects of expired predictions; return whether none is left."""
    named = or_(Prediction.input_object.is_not(None), Prediction.output_object.is_not(None))
    while time.monotonic() < deadline:
        with transaction(engine) as session:
            rows = session.execute(
                select(Prediction.id, Prediction.input_object, Prediction.output_object)
                .where(Prediction.created_at < until, named)
                .limit(_BATCH)
            ).all()
        if not rows:
            return True
        storage.delete(name for row in rows for name in row[1:] if name)
        with transaction(engine) as session:
            session.execute(
                update(Prediction)
                .where(Prediction.id.in_([row.id for row in rows]), Prediction.created_at < until)
                .values(input_object=None, output_object=None)
                .execution_options(synchronize_session=False)
            )
    return False


def _empty_default(engine: Engine, until: datetime, deadline: float) -> None:
    """Delete expired rows of the default partition, in batches."""
    while time.monotonic() < deadline:
        with transaction(engine) as session:
            deleted = session.execute(
                text("""
                DELETE FROM predictions WHERE tableoid = 'predictions_default'::regclass
                    AND (id, created_at) IN (
                        SELECT id, created_at FROM predictions
                        WHERE tableoid = 'predictions_default'::regclass AND created_at < :until
                        LIMIT :batch)
                RETURNING 1
                """),
                {"until": until, "batch": _BATCH},
            ).all()
        if len(deleted) < _BATCH:
            return


def fold_partitions(session: Session, until: datetime) -> None:
    """Keep sums of old days by month; of a model's inputs, only those of its first week."""
    for table in (PredictionCount, StorageCount):
        fold_into_months(session, table, until.date())
    first = (
        select(InputCount.model_id, func.min(InputCount.day).label("day"))
        .group_by(InputCount.model_id)
        .subquery()
    )
    session.execute(
        delete(InputCount)
        .where(
            InputCount.model_id == first.c.model_id,
            InputCount.day < until.date(),
            InputCount.day >= first.c.day + WEEK,
        )
        .execution_options(synchronize_session=False)
    )
