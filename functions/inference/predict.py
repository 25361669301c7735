"""Run a model on tensors or images, now or later; every call is logged."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller, Refused, Sent
from shared.inference.errors import PredictionFailed
from shared.inference.predictor import Predictor, find_images
from shared.inference.records import PredictionCall, new_call, record_prediction
from shared.inference.serving import Servable
from shared.messaging.messages import PredictionRequested
from shared.messaging.outbox import Outbox
from shared.models import Model
from shared.queries.named import check_images
from shared.queries.visible import visible_model
from shared.schemas.predictions import PredictionCreate, PredictionRead
from shared.texts import clean_line
from shared.versions.references import check_version

_MAX_NAME = 512  # characters of an input's name


@dataclass(frozen=True)
class PreparedPrediction:
    """A call of a model that serves, with the objects of the images that it is asked for."""

    call: PredictionCall
    model: Servable
    wanted: PredictionCreate
    images: list[str] | None
    later: bool


def prepare(
    model_id: UUID,
    wanted: PredictionCreate,
    sent: Sent,
    caller: Caller,
    predictor: Predictor,
    session: Session,
) -> PreparedPrediction | Refused:
    """Read what the prediction needs of the database. Inputs of a refused one are not stored."""
    model = visible_model(session, caller, model_id)
    check_version(session, caller, wanted.version_id, wanted.image_ids or ())
    ids = wanted.image_ids
    check_images(session, caller, ids or ())
    call = _new_call(model, wanted, caller, predictor)
    try:
        servable = Servable.of(model)
        images = None if ids is None else find_images(session, caller.id, ids)
    except PredictionFailed as error:
        record_prediction(session, call, error)
        return Refused(error)
    later = "respond-async" in sent.headers.get("prefer", "").lower()
    return PreparedPrediction(call, servable, wanted, images, later)


def handle(
    prepared: PreparedPrediction, predictor: Predictor, session: Session, outbox: Outbox
) -> Answer[PredictionRead] | Refused:
    """Predict.

    With `Prefer: respond-async` the answer is 202 and the prediction `pending`; a message does it.
    """
    model, wanted = prepared.model, prepared.wanted
    call = _store_inputs(prepared.call, wanted, predictor)
    try:
        if not (prepared.later and prepared.images):  # images are read when it is their turn
            inputs = predictor.read_inputs(model, wanted, prepared.images)
            call = predictor.measure(call, model, inputs)
        if prepared.later:
            return _promise(call, model, session, outbox)
        with predictor.models.admit_call(call.user_id):
            result = predictor.predict(model, call, inputs, wanted.image_ids, one_response=True)
    except PredictionFailed as error:
        record_prediction(session, call, error)
        return Refused(error)
    row = record_prediction(session, call, result.outcome)
    return Answer(PredictionRead.of(row, output_data=result.answer), headers=model.deprecation)


def _promise(
    call: PredictionCall, model: Servable, session: Session, outbox: Outbox
) -> Answer[PredictionRead]:
    """Answer that the prediction comes later (RFC 7240)."""
    row = record_prediction(session, call, None)
    outbox.add(PredictionRequested(prediction_id=row.id))
    headers = {**model.deprecation, "Preference-Applied": "respond-async"}
    return Answer(PredictionRead.of(row), 202, headers)


def _new_call(
    model: Model, wanted: PredictionCreate, caller: Caller, predictor: Predictor
) -> PredictionCall:
    """Return the call as it is logged: of inputs that its row cannot hold, only the names."""
    data: Any = wanted.model_dump(mode="json", exclude_none=True, exclude={"version_id"})
    if not predictor.fits_row(data):
        names = sorted(clean_line(name, _MAX_NAME) for name in wanted.inputs or {})
        data = {"inputs": names, "summarised": True}
    images = len(wanted.image_ids) if wanted.image_ids else None
    more = {"batch_size": images, "version_id": wanted.version_id}
    return new_call(model.id, caller, data, **more)


def _store_inputs(
    call: PredictionCall, wanted: PredictionCreate, predictor: Predictor
) -> PredictionCall:
    """Return the call with its inputs in an object, where its row does not hold them."""
    if "summarised" not in call.input_data:
        return call
    content = json.dumps(
        wanted.model_dump(mode="json", exclude_none=True, exclude={"version_id"})
    ).encode()
    name = predictor.store(call, "inputs.json", content, "application/json")
    return replace(call, input_object=name)
