"""Run a model on tensors or images, now or later; every call is logged."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller, Refused, Sent
from shared.inference import predicting, records
from shared.inference.errors import PredictionFailed
from shared.inference.inputs import batch_size
from shared.inference.records import Asked
from shared.inference.serving import Models, Servable
from shared.insights.profiles import input_profile
from shared.messaging.messages import PredictionRequested
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_model
from shared.schemas.predictions import PredictionCreate, PredictionRead
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_prediction
from shared.texts import clean_line

_FETCHED = "With `Prefer: respond-async` it is stored, and fetched from its output_url."
_MAX_NAME = 512  # characters of an input's name


@dataclass(frozen=True)
class Ready:
    """A model that serves, and the objects of the images that it is asked for."""

    model: Servable
    images: list[str] | None


def begin(
    model_id: UUID, wanted: PredictionCreate, caller: Caller, settings: Settings, session: Session
) -> Ready | Refused:
    """What the prediction needs of the database. Inputs of what is refused here are not stored."""
    model = visible_model(session, caller, model_id)
    ids = wanted.image_ids
    try:
        servable = Servable.of(model)
        images = None if ids is None else predicting.image_names(session, caller.id, ids)
        return Ready(servable, images)
    except PredictionFailed as error:
        records.record_prediction(session, _asked(model.id, wanted, caller, settings), error)
        return Refused(error)


def handle(
    ready: Ready,
    wanted: PredictionCreate,
    sent: Sent,
    caller: Caller,
    models: Models,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> Answer[PredictionRead] | Refused:
    """Predict.

    With `Prefer: respond-async` the answer is 202 and the prediction `pending`; a message does it.
    """
    model = ready.model
    call = _stored(_asked(model.id, wanted, caller, settings), wanted, storage)
    later = "respond-async" in sent.headers.get("prefer", "").lower()
    try:
        if not (later and ready.images):  # images are read when it is their turn
            inputs = predicting.inputs_of(model, wanted, ready.images, storage, settings)
            rows = call.batch_size or batch_size(inputs, model.inputs)
            call = replace(call, batch_size=rows, profile=input_profile(inputs))
        if later:
            return _promised(call, ready, session, outbox)
        ran = predicting.run(models, model, inputs)
        answer = predicting.answered(model, ran, wanted.image_ids)
        predicting.check_size(
            json.dumps(answer, ensure_ascii=False, separators=(",", ":")), _FETCHED
        )
    except PredictionFailed as error:
        records.record_prediction(session, call, error)
        return Refused(error)
    outcome = predicting.kept(call, answer, ran, storage, settings)
    row = records.record_prediction(session, call, outcome)
    return Answer(PredictionRead.of(row, output_data=answer), headers=model.deprecation)


def _promised(
    call: Asked, ready: Ready, session: Session, outbox: Outbox
) -> Answer[PredictionRead]:
    """RFC 7240: the answer comes later."""
    row = records.record_prediction(session, call, None)
    outbox.add(PredictionRequested(prediction_id=row.id))
    headers = {**ready.model.deprecation, "Preference-Applied": "respond-async"}
    return Answer(PredictionRead.of(row), 202, headers)


def _asked(model: UUID, wanted: PredictionCreate, caller: Caller, settings: Settings) -> Asked:
    """Return the call as it is logged: of inputs that its row cannot hold, only the names."""
    data: Any = wanted.model_dump(mode="json", exclude_none=True)
    if not predicting.fits_row(data, settings):
        names = sorted(clean_line(name, _MAX_NAME) for name in wanted.inputs or {})
        data = {"inputs": names, "summarised": True}
    images = len(wanted.image_ids) if wanted.image_ids else None
    return records.asked(model, caller, data, batch_size=images)


def _stored(call: Asked, wanted: PredictionCreate, storage: Storage) -> Asked:
    """Return the call with its inputs in an object, where its row does not hold them."""
    if "summarised" not in call.input_data:
        return call
    name = name_prediction(call.user_id, call.id, "inputs.json")
    content = json.dumps(wanted.model_dump(mode="json", exclude_none=True)).encode()
    storage.put_once(name, content, "application/json")
    return replace(call, input_object=name)
