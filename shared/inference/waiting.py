"""Recovery of models and predictions that wait because a message about them was lost."""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, exists, func, literal, select, update
from sqlalchemy.orm import Session

from shared.inference.errors import PredictionFailed
from shared.inference.records import settle_prediction
from shared.messaging.messages import ModelFinalized, PredictionRequested
from shared.messaging.outbox import Outbox
from shared.models import Model, Prediction, QueuedMessage
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.webhooks.events import announce_end

log = logging.getLogger(__name__)

MAX_SENT = 4  # times that a prediction is sent again


def look_for_files(
    session: Session,
    outbox: Outbox,
    storage: Storage,
    settings: Settings,
    lost_after: timedelta,
    limit: int,
) -> None:
    """Have files verified whose arrival no message told; reject models whose file never came.

    A file never came if it is missing after twice the life of its upload address, as for images.
    No row is locked while the bucket is asked.
    """
    waiting = session.execute(
        select(
            Model.id,
            Model.file_path,
            (Model.created_at < func.now() - 2 * timedelta(seconds=settings.upload_life)).label(
                "late"
            ),
        )
        .where(Model.status == "pending", Model.updated_at < func.now() - lost_after)
        .order_by(Model.updated_at)
        .limit(limit)
    ).all()
    files = storage.find_many(row.file_path for row in waiting)
    for row, file in zip(waiting, files, strict=True):
        if isinstance(file, Exception):
            log.warning("the bucket did not answer", exc_info=file)
            continue
        change: dict[str, Any] = {"updated_at": func.now()}  # so that its turn comes later again
        if file is None and row.late:
            change = {"status": "rejected", "error": "Its file was never sent."}
        changed = session.execute(
            update(Model)
            .where(Model.id == row.id, Model.status == "pending")
            .values(**change)
            .returning(Model.id)
            .execution_options(synchronize_session=False)
        ).first()
        if changed is not None and change.get("status") == "rejected":
            announce_end(session, outbox, "model_verification", row.id, "failed")
        if changed is not None and file is not None:
            outbox.add(
                ModelFinalized(
                    bucket=settings.bucket,
                    name=row.file_path,
                    generation=file.generation,
                    size=file.size,
                    contentType=file.content_type,
                )
            )


def send_predictions_again(
    session: Session, outbox: Outbox, lost_after: timedelta, limit: int
) -> None:
    """Send predictions again that wait too long; fail those that were sent too often.

    One whose turn has not come is left alone, however long its account's others take.
    """
    is_queued = exists().where(
        QueuedMessage.topic == PredictionRequested.topic,
        QueuedMessage.key == cast(Prediction.id, Text),
        QueuedMessage.sent_at.is_(None),
    )
    due = Prediction.created_at < func.now() - (Prediction.attempts + 1) * literal(lost_after)
    for row in session.scalars(
        select(Prediction)
        .where(Prediction.status == "pending", due, ~is_queued)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all():
        if row.attempts >= MAX_SENT:
            reason = f"It was sent {MAX_SENT + 1} times and never done."
            settle_prediction(session, row.id, PredictionFailed("unavailable", reason))
        else:
            row.attempts += 1
            outbox.add(PredictionRequested(prediction_id=row.id))
    session.flush()
