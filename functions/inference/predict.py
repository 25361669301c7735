"""Run a model on tensors or images, now or later; every call is logged."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.answers import Answer, Refused
from shared.calls import Caller, Sent
from shared.inference import predicting, records
from shared.inference.errors import PredictionFailed
from shared.inference.inputs import arrays_of, batch_size
from shared.inference.records import Asked
from shared.inference.serving import Models, Servable
from shared.messages import PredictionRequested
from shared.models import Model
from shared.models.base import new_id
from shared.outbox import Outbox
from shared.queries.visible import visible_model
from shared.schemas.predictions import PredictionCreate, PredictionRead
from shared.settings import Settings
from shared.statistics.profiles import input_profile
from shared.storage import Storage
from shared.storage_names import prediction_object


def handle(
    model_id: UUID,
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
    model = visible_model(session, caller, model_id)
    call = _call(model, wanted, caller, storage, settings)
    try:
        servable = Servable.of(model)
        if wanted.image_ids is not None:
            names = predicting.image_names(session, caller.id, wanted.image_ids)
        else:
            arrays = arrays_of(wanted.inputs or {}, servable.inputs, settings.max_batch)
            rows = batch_size(arrays, servable.inputs)
            call = replace(call, batch_size=rows, profile=input_profile(arrays))
        if "respond-async" in sent.headers.get("prefer", "").lower():
            row = records.record_prediction(session, call, None)
            outbox.add(PredictionRequested(prediction_id=row.id))
            headers = {**deprecation(model), "Preference-Applied": "respond-async"}
            return Answer(PredictionRead.of(row), 202, headers)
        if wanted.image_ids is not None:
            images = predicting.read_all(storage, names)
            ran = predicting.run_on_images(models, servable, images, settings)
        else:
            ran = models.run(servable, arrays)
        answer = predicting.answered(servable, ran, wanted.image_ids)
    except PredictionFailed as error:
        records.record_prediction(session, call, error)
        return Refused(error)
    outcome = predicting.kept(call, answer, ran, storage, settings)
    row = records.record_prediction(session, call, outcome)
    return Answer(PredictionRead.of(row, output_data=answer), headers=deprecation(model))


def deprecation(model: Model) -> dict[str, str]:
    """RFC 9745: since when the version is deprecated; and the same in words."""
    if model.status != "deprecated" or model.deprecated_at is None:
        return {}
    return {
        "Deprecation": f"@{int(model.deprecated_at.timestamp())}",
        "Warning": f'299 - "Version {model.version} of this model is deprecated"',
    }


def _call(
    model: Model, wanted: PredictionCreate, caller: Caller, storage: Storage, settings: Settings
) -> Asked:
    """The call as it is logged; large inputs go to an object."""
    identity = new_id()
    asked = wanted.model_dump(mode="json", exclude_none=True)
    stored = None
    data: Any = asked
    if not predicting.fits_row(asked, settings):
        stored = prediction_object(caller.id, identity, "inputs.json")
        storage.put_once(stored, json.dumps(asked).encode(), "application/json")
        data = {"inputs": sorted(wanted.inputs or {}), "summarised": True}
    return Asked(
        id=identity,
        model_id=model.id,
        user_id=caller.id,
        api_key_id=caller.api_key_id,
        input_data=data,
        input_object=stored,
        batch_size=len(wanted.image_ids) if wanted.image_ids else None,
    )
