"""Do a prediction that waits."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.inference import predicting, records
from shared.inference.errors import ModelBusyError, PredictionFailed
from shared.inference.records import Asked, Succeeded
from shared.inference.serving import Models, Servable
from shared.insights.profiles import input_profile
from shared.messaging.messages import PredictionRequested
from shared.models import Model, Prediction
from shared.schemas.predictions import PredictionCreate
from shared.settings import Settings
from shared.storage.bucket import Storage


@dataclass(frozen=True)
class Waiting:
    """A prediction that waits, its model or why there is none for it, and its images' objects."""

    call: Asked
    model: Servable | PredictionFailed
    images: list[str] | None


def begin(requested: PredictionRequested, session: Session) -> Waiting | None:
    """Return the prediction, unless it has gone or has ended."""
    row = session.scalar(select(Prediction).where(Prediction.id == requested.prediction_id))
    if row is None or row.status != "pending":
        return None
    model = session.scalars(select(Model).where(Model.id == row.model_id)).one()
    call = Asked(
        row.id, row.model_id, row.user_id, row.api_key_id, row.input_data, row.input_object
    )
    ids = [UUID(one) for one in row.input_data.get("image_ids", [])]
    try:
        images = predicting.image_names(session, row.user_id, ids) if ids else None
        return Waiting(call, Servable.of(model), images)
    except PredictionFailed as error:
        return Waiting(call, error, None)


def handle(
    waiting: Waiting, models: Models, storage: Storage, settings: Settings, session: Session
) -> str | None:
    """Predict later."""
    call, model = waiting.call, waiting.model
    about: dict[str, Any] = {}
    try:
        if isinstance(model, PredictionFailed):
            raise model
        wanted = _wanted(call, storage)
        inputs = predicting.inputs_of(model, wanted, waiting.images, storage, settings)
        about = {"input_profile": input_profile(inputs)}
        ran = predicting.run(models, model, inputs)
        answer = predicting.answered(model, ran, wanted.image_ids)
        outcome: Succeeded | PredictionFailed = predicting.kept(
            call, answer, ran, storage, settings
        )
    except PredictionFailed as error:
        if error.code == "busy":
            raise ModelBusyError from None
        outcome = error
    records.settle_prediction(session, call.id, outcome, **about)
    return outcome.detail if isinstance(outcome, PredictionFailed) else None


def _wanted(call: Asked, storage: Storage) -> PredictionCreate:
    """Return what was asked, as it was when it was accepted."""
    data = json.loads(storage.read(call.input_object)) if call.input_object else call.input_data
    return PredictionCreate.model_validate(data)
