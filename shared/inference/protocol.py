"""Open Inference Protocol v2 over HTTP, with the binary tensor data extension.

https://github.com/kserve/open-inference-protocol and Triton's extension_binary_data.md
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from shared.calls import Document
from shared.errors import AppError, BadRequest, Invalid
from shared.inference.inputs import check_inputs, to_arrays
from shared.inference.outputs import tensors_to_json
from shared.inference.tensors import Array, datatype_of, pack, unpack
from shared.schemas.errors import list_problems, make_pointer
from shared.schemas.models import MAX_TENSORS, Datatype, TensorName, TensorSchema
from shared.schemas.parsing import find_half_pair, parse_request_json

MAX_REQUEST = 16 * 1024 * 1024
_MAX_JSON = 4 * 1024 * 1024  # of a request; as values it takes up to thirty times its bytes
HEADER = "Inference-Header-Content-Length"
PLATFORMS = {"onnx": "onnxruntime_onnx", "litert": "litert_tflite", "skops": "sklearn_skops"}
# Extensions of Triton's that would be missed if they were passed over in silence.
_NOT_SERVED = {
    "classification": "The model's classes are not sorted here; leave class_count out.",
    "shared_memory_region": "Shared memory is not served; send tensors in the body.",
}
_BINARY = "application/octet-stream"

_Shape = Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(max_length=16)]


class _Input(BaseModel):
    name: TensorName
    shape: _Shape
    datatype: Datatype
    parameters: dict[str, Any] = {}
    data: list[Any] | None = None


class _Output(BaseModel):
    name: TensorName
    parameters: dict[str, Any] = {}


class _Request(BaseModel):
    id: str | None = None
    parameters: dict[str, Any] = {}
    inputs: Annotated[list[_Input], Field(max_length=MAX_TENSORS)]
    outputs: Annotated[list[_Output], Field(max_length=MAX_TENSORS)] = []


@dataclass(frozen=True)
class Request:
    """An inference request: its tensors, and which outputs are wanted in which form."""

    id: str | None
    inputs: dict[str, Array]
    outputs: dict[str, bool]  # name → as bytes; empty when all are wanted
    all_binary: bool


def encode_error(problem: AppError) -> Document:
    """Return an error in the protocol's form."""
    texts = [problem.detail]
    if isinstance(problem, Invalid):
        found = [f"{one['pointer']} {one['detail']}" for one in problem.errors]
        texts = found or texts
    return Document(json.dumps({"error": "; ".join(texts)}).encode(), "application/json")


def read_request(
    body: bytes, headers: Mapping[str, str], schema: Sequence[TensorSchema], most: int
) -> Request:
    """Return the request in a body; `most` is how many rows a model takes at once.

    Raises `BadRequest` for what is not the protocol, and `PredictionFailed` for inputs that the
    model does not take.
    """
    size = headers.get(HEADER.lower())
    if size is not None and not (size.isdecimal() and len(size) < 20 and int(size) <= len(body)):
        raise BadRequest(f"{HEADER} does not fit the body.")
    split = len(body) if size is None else int(size)
    if split > _MAX_JSON:
        raise BadRequest(
            f"More than {_MAX_JSON // 2**20} MiB of JSON are not taken; send tensors as bytes."
        )
    try:
        request = _Request.model_validate(from_json(body[:split], allow_inf_nan=False))
    except ValidationError as wrong:
        first = list_problems(wrong)[0]
        raise BadRequest(f"{first['pointer']} {first['detail']}") from None
    except (ValueError, RecursionError):
        raise BadRequest(_explain_bad_json(body[:split])) from None
    asked = [one.parameters for one in request.inputs] + [one.parameters for one in request.outputs]
    for parameter, why in _NOT_SERVED.items():
        if any(parameter in parameters for parameters in asked):
            raise BadRequest(why)
    return Request(
        id=request.id,
        inputs=_read_arrays(request.inputs, body[split:], schema, most),
        outputs={
            one.name: bool(one.parameters.get("binary_data", _wants_all_binary(request)))
            for one in request.outputs
        },
        all_binary=_wants_all_binary(request),
    )


def _explain_bad_json(text: bytes) -> str:
    """Return where half of a surrogate pair stands, or that it is no JSON at all."""
    with suppress(ValueError, RecursionError):
        if (path := find_half_pair(parse_request_json(text))) is not None:
            return f"{make_pointer(path)} must be valid Unicode text"
    return "The body is not valid JSON."


def _wants_all_binary(request: _Request) -> bool:
    return bool(request.parameters.get("binary_data_output", False))


def _read_arrays(
    inputs: Sequence[_Input], binary: bytes, schema: Sequence[TensorSchema], most: int
) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    position = 0
    for one in inputs:
        if one.name in arrays:
            raise BadRequest(f"The input {one.name} comes twice.")
        size = one.parameters.get("binary_data_size")
        if size is None:
            arrays[one.name] = _to_array(one)
            continue
        if type(size) is not int or not 0 <= size <= len(binary) - position:
            raise BadRequest(f"The body does not hold the data of {one.name}.")
        if one.data is not None:
            raise BadRequest(f"The input {one.name} has its data twice, in JSON and as bytes.")
        try:
            part = binary[position : position + size]
            arrays[one.name] = unpack(one.datatype, one.shape, part)
        except ValueError as wrong:
            raise BadRequest(f"The input {one.name} {wrong}.") from None
        position += size
    if position != len(binary):
        raise BadRequest("The body holds more data than its inputs.")
    check_inputs(arrays, schema, most)
    return arrays


def _to_array(one: _Input) -> Array:
    """Return data as an array; it comes as nested or flat lists."""
    as_sent = TensorSchema(name=one.name, datatype=one.datatype, shape=[-1])
    flat = one.data or []
    while flat and all(isinstance(part, list) for part in flat):
        flat = [inner for part in flat for inner in part]
    array = to_arrays({one.name: flat}, [as_sent], 2**31)[one.name] if flat else None
    if array is None:
        return unpack(one.datatype, [0], b"")
    try:
        return array.reshape(one.shape)
    except ValueError:
        raise BadRequest(
            f"The input {one.name} holds {array.size} values; its shape is {one.shape}."
        ) from None


def encode_response(
    request: Request, name: str, version: int, identity: str, outputs: Mapping[str, Array]
) -> Document:
    """Return the answer to a request. Raises `BadRequest` for an output that is not there."""
    if unknown := set(request.outputs) - set(outputs):
        raise BadRequest(f"The model has no output {', '.join(sorted(unknown))}.")
    wanted = request.outputs or dict.fromkeys(outputs, request.all_binary)
    listed: list[dict[str, Any]] = []
    binary = b""
    for output, as_bytes in wanted.items():
        array = outputs[output]
        entry: dict[str, Any] = {
            "name": output,
            "datatype": datatype_of(array),
            "shape": list(array.shape),
        }
        if as_bytes:
            data = pack(array)
            entry["parameters"] = {"binary_data_size": len(data)}
            binary += data
        else:
            entry["data"] = tensors_to_json({output: array.ravel()})[output]
        listed.append(entry)
    header = json.dumps(
        {
            "model_name": name,
            "model_version": str(version),
            "id": request.id if request.id is not None else identity,
            "outputs": listed,
        }
    ).encode()
    if not binary:
        return Document(header, "application/json")
    return Document(header + binary, _BINARY, {HEADER: str(len(header))})
