"""Do a prediction that waits."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.inference.errors import ModelBusyError, PredictionFailed
from shared.inference.predictor import Predictor, find_images
from shared.inference.records import PredictionCall, Succeeded, settle_prediction
from shared.inference.serving import Servable
from shared.insights.profiles import build_input_profile
from shared.messaging.messages import PredictionRequested
from shared.models import Model, Prediction
from shared.schemas.predictions import PredictionCreate


@dataclass(frozen=True)
class WaitingPrediction:
    """A prediction that waits, its model or why there is none for it, and its images' objects."""

    call: PredictionCall
    model: Servable | PredictionFailed
    images: list[str] | None


def prepare(requested: PredictionRequested, session: Session) -> WaitingPrediction | None:
    """Return the prediction, unless it has gone or has ended."""
    row = session.scalar(select(Prediction).where(Prediction.id == requested.prediction_id))
    if row is None or row.status != "pending":
        return None
    model = session.scalars(select(Model).where(Model.id == row.model_id)).one()
    call = PredictionCall(
        row.id, row.model_id, row.user_id, row.api_key_id, row.input_data, row.input_object
    )
    ids = [UUID(one) for one in row.input_data.get("image_ids", [])]
    try:
        images = find_images(session, row.user_id, ids) if ids else None
        return WaitingPrediction(call, Servable.of(model), images)
    except PredictionFailed as error:
        return WaitingPrediction(call, error, None)


def handle(waiting: WaitingPrediction, predictor: Predictor, session: Session) -> str | None:
    """Predict later."""
    call, model = waiting.call, waiting.model
    about: dict[str, Any] = {}
    try:
        if isinstance(model, PredictionFailed):
            raise model
        wanted = _read_wanted(call, predictor)
        inputs = predictor.read_inputs(model, wanted, waiting.images)
        about = {"input_profile": build_input_profile(inputs)}
        outcome: Succeeded | PredictionFailed = predictor.predict(
            model, call, inputs, wanted.image_ids
        ).outcome
    except PredictionFailed as error:
        if error.code == "busy":
            raise ModelBusyError from None
        outcome = error
    settle_prediction(session, call.id, outcome, **about)
    return outcome.detail if isinstance(outcome, PredictionFailed) else None


def _read_wanted(call: PredictionCall, predictor: Predictor) -> PredictionCreate:
    """Return what was asked for, as it was when it was accepted."""
    stored = predictor.storage.read(call.input_object) if call.input_object else None
    return PredictionCreate.model_validate(json.loads(stored) if stored else call.input_data)
