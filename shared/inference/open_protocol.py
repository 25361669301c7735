"""Models as the Open Inference Protocol shows and runs them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import __version__
from shared.calls import Answer, Caller, Document, Refused, Sent
from shared.errors import BadRequest
from shared.inference import protocol
from shared.inference.errors import PredictionFailed
from shared.inference.outputs import tensors_to_json
from shared.inference.predictor import Predictor, summarise
from shared.inference.records import PredictionCall, Succeeded, new_call, record_prediction
from shared.inference.serving import Servable
from shared.inference.tensors import Array
from shared.inference.versions import LATEST, find_version
from shared.models import Model
from shared.schemas.inference import ModelDescription, ModelReady, Server, Tensor
from shared.schemas.models import SERVING


def describe_server() -> Server:
    """Return what serves, and which extensions it knows."""
    return Server(name="pixmill", version=__version__, extensions=["binary_tensor_data"])


def describe_version(
    session: Session, caller: Caller, name: str, version: str = LATEST
) -> Answer[ModelDescription]:
    """Return a version's tensors. Raises `NotFound`, `PredictionFailed` where it does not serve."""
    model = Servable.of(find_version(session, caller, name, version))
    versions = session.scalars(
        select(Model.version)
        .where(Model.user_id == caller.id, Model.name == name, Model.status.in_(SERVING))
        .order_by(Model.version)
    )
    about = ModelDescription(
        name=name,
        versions=[str(number) for number in versions],
        platform=protocol.PLATFORMS[model.runtime],
        inputs=[Tensor.of(one) for one in model.inputs],
        outputs=[Tensor.of(one) for one in model.outputs],
    )
    return Answer(about, headers=model.deprecation)


def confirm_ready(session: Session, caller: Caller, name: str, version: str = LATEST) -> ModelReady:
    """Confirm that a version serves. Raises `NotFound`, and else `PredictionFailed`."""
    Servable.of(find_version(session, caller, name, version))
    return ModelReady(name=name, ready=True)


def find_servable(
    session: Session, caller: Caller, name: str, version: str = LATEST
) -> Servable | Refused:
    """Return a version to run. One that does not serve is refused, and the refusal is logged.

    Raises `NotFound`.
    """
    row = find_version(session, caller, name, version)
    try:
        return Servable.of(row)
    except PredictionFailed as error:
        record_prediction(session, new_call(row.id, caller, {"inputs": {}}), error)
        return Refused(error)


def infer(
    model: Servable, sent: Sent, caller: Caller, predictor: Predictor, session: Session
) -> Document | Refused:
    """Run a version on a request's tensors, and log the call whatever comes of it."""
    call = new_call(model.id, caller, {"inputs": {}})
    try:
        request = protocol.read_request(
            sent.body, sent.headers, model.inputs, predictor.settings.max_batch
        )
        call = predictor.measure(call, model, request.inputs)
        call = _log_inputs(call, request, sent, predictor)
        with predictor.models.admit_call(caller.id):
            ran = predictor.models.run(model, request.inputs)
        answer = protocol.encode_response(
            request, model.name, model.version, str(call.id), ran.outputs
        )
        predictor.check_size(answer.content, "Ask for fewer rows or outputs.")
    except PredictionFailed as error:
        record_prediction(session, call, error)
        return Refused(error)
    except BadRequest as error:
        record_prediction(session, call, PredictionFailed("invalid_input", error.detail))
        return Refused(error)
    output_object, data = None, _to_json(ran.outputs)
    if (
        len(answer.content) > predictor.settings.prediction_inline_bytes
        or data is None
        or not predictor.fits_row(data)
    ):
        output_object = predictor.store(call, "response", answer.content, answer.media_type)
        data = summarise("outputs", ran.outputs)
    record_prediction(session, call, Succeeded(data, ran.ms, output_object))
    return replace(answer, headers={**answer.headers, **model.deprecation})


def _log_inputs(
    call: PredictionCall, request: protocol.Request, sent: Sent, predictor: Predictor
) -> PredictionCall:
    """Return the call with its inputs, or a summary of large ones with the request's object."""
    if len(sent.body) <= predictor.settings.prediction_inline_bytes:
        data = {"inputs": tensors_to_json(request.inputs)}
        if predictor.fits_row(data):
            return replace(call, input_data=data)
    media_type = sent.headers.get("content-type", "application/json")
    name = predictor.store(call, "request", sent.body, media_type)
    return replace(call, input_data=summarise("inputs", request.inputs), input_object=name)


def _to_json(outputs: Mapping[str, Array]) -> dict[str, Any] | None:
    """Return outputs as JSON; None for what only bytes can say, such as NaN."""
    try:
        return {"outputs": tensors_to_json(outputs)}
    except PredictionFailed:
        return None
