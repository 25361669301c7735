"""Models as the Open Inference Protocol shows and runs them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import __version__
from shared.calls import Answer, Caller, Document, Refused, Sent
from shared.errors import BadRequest
from shared.inference import protocol, records
from shared.inference.errors import PredictionFailed
from shared.inference.inputs import batch_size
from shared.inference.outputs import as_json
from shared.inference.predicting import check_size, fits_row, summarised
from shared.inference.records import Asked, Succeeded
from shared.inference.serving import Models, Servable
from shared.inference.tensors import Array
from shared.inference.versions import LATEST, version_of
from shared.insights.profiles import input_profile
from shared.models import Model
from shared.schemas.inference import ModelMetadata, ModelReady, Server, Tensor
from shared.schemas.models import SERVING
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_prediction


def server() -> Server:
    """Return what serves, and which extensions it knows."""
    return Server(name="pixmill", version=__version__, extensions=["binary_tensor_data"])


def describe(
    session: Session, caller: Caller, name: str, version: str = LATEST
) -> Answer[ModelMetadata]:
    """A version's tensors. Raises `NotFound`, and `PredictionFailed` where it does not serve."""
    model = Servable.of(version_of(session, caller, name, version))
    versions = session.scalars(
        select(Model.version)
        .where(Model.user_id == caller.id, Model.name == name, Model.status.in_(SERVING))
        .order_by(Model.version)
    )
    about = ModelMetadata(
        name=name,
        versions=[str(number) for number in versions],
        platform=protocol.PLATFORMS[model.runtime],
        inputs=[Tensor.of(one) for one in model.inputs],
        outputs=[Tensor.of(one) for one in model.outputs],
    )
    return Answer(about, headers=model.deprecation)


def ready(session: Session, caller: Caller, name: str, version: str = LATEST) -> ModelReady:
    """That a version serves. Raises `NotFound`, and `PredictionFailed` where it does not."""
    Servable.of(version_of(session, caller, name, version))
    return ModelReady(name=name, ready=True)


def servable(
    session: Session, caller: Caller, name: str, version: str = LATEST
) -> Servable | Refused:
    """Return a version that is to be run; that it does not serve is logged. Raises `NotFound`."""
    row = version_of(session, caller, name, version)
    try:
        return Servable.of(row)
    except PredictionFailed as error:
        records.record_prediction(session, records.asked(row.id, caller, {"inputs": {}}), error)
        return Refused(error)


def infer(
    model: Servable,
    caller: Caller,
    models: Models,
    storage: Storage,
    settings: Settings,
    sent: Sent,
    session: Session,
) -> Document | Refused:
    """Run a version on a request's tensors, and logs the call whatever becomes of it."""
    call = records.asked(model.id, caller, {"inputs": {}})
    try:
        request = protocol.read_request(sent.body, sent.headers, model.inputs, settings.max_batch)
        call = _logged(call, model, request, sent, storage, settings)
        ran = models.run(model, request.inputs)
        answer = protocol.response(request, model.name, model.version, str(call.id), ran.outputs)
        check_size(answer.content, "Ask for fewer rows or outputs.")
    except PredictionFailed as error:
        records.record_prediction(session, call, error)
        return Refused(error)
    except BadRequest as error:
        failed = PredictionFailed("invalid_input", error.detail)
        records.record_prediction(session, call, failed)
        return Refused(error)
    output_object = None
    if len(answer.content) > settings.prediction_inline_bytes:
        output_object = name_prediction(caller.id, call.id, "response")
        storage.put_once(output_object, answer.content, answer.media_type)
        kept = summarised("outputs", ran.outputs)
    else:
        kept = _plain(ran.outputs)
    records.record_prediction(session, call, Succeeded(kept, ran.ms, output_object))
    return replace(answer, headers={**answer.headers, **model.deprecation})


def _logged(
    call: Asked,
    model: Servable,
    request: protocol.Request,
    sent: Sent,
    storage: Storage,
    settings: Settings,
) -> Asked:
    """The call with its inputs, or what is kept of large ones; the request goes to an object."""
    call = replace(
        call,
        batch_size=batch_size(request.inputs, model.inputs),
        profile=input_profile(request.inputs),
    )
    if len(sent.body) <= settings.prediction_inline_bytes:
        data = {"inputs": as_json(request.inputs)}
        if fits_row(data, settings):
            return replace(call, input_data=data)
    name = name_prediction(call.user_id, call.id, "request")
    storage.put_once(name, sent.body, sent.headers.get("content-type", "application/json"))
    data = summarised("inputs", request.inputs)
    return replace(call, input_data=data, input_object=name)


def _plain(outputs: Mapping[str, Array]) -> dict[str, Any]:
    """Outputs as JSON; a summary where they hold NaN, which only bytes can say."""
    try:
        return {"outputs": as_json(outputs)}
    except PredictionFailed:
        return summarised("outputs", outputs)
