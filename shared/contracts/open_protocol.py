"""Schemas of the Open Inference Protocol, whose bodies `shared.inference.protocol` reads and makes.

https://github.com/kserve/open-inference-protocol and Triton's extension_binary_data.md
"""

import json
import struct
from typing import Any, get_args

from shared.contracts.schemas import REF
from shared.schemas.models import MAX_TENSORS, Datatype


def _refer(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}


_NAME = {"type": "string", "minLength": 1, "maxLength": 512}
_SHAPE = {
    "type": "array",
    "maxItems": 16,
    "items": _refer("Dimension"),
    "description": "Size of each dimension, rows first. The product is the number of values.",
}
_DATATYPE = {
    "type": "string",
    "enum": list(get_args(Datatype)),
    "description": "Type of the values, as the model's metadata has it.",
}
_DATA = {"type": "array", "items": {}}


def _make_object(description: str, required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(required),
    }


def _make_parameters(description: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": True, "description": description}


def _make_bytes_example() -> dict[str, Any]:
    """Return a request with a tensor as bytes, which OpenAPI can show only where they are text.

    In little endian these numbers have ASCII bytes alone, so the example in UTF-8 is the body.
    """
    values = struct.pack("<4f", 2, 3, 8, 32)
    tensor = {"name": "X", "shape": [1, 4], "datatype": "FP32"}
    head = json.dumps({"inputs": [{**tensor, "parameters": {"binary_data_size": len(values)}}]})
    return {
        "summary": "A row of numbers as bytes",
        "description": "JSON, and behind it 2, 3, 8 and 32 as floats in little endian. It is sent "
        f"with the header `Inference-Header-Content-Length: {len(head)}`.",
        "value": head + values.decode("ascii"),
    }


BYTES_EXAMPLES = {"bytes": _make_bytes_example()}
REQUEST = _refer("InferenceRequest")
RESPONSE = _refer("InferenceResponse")
ERROR = _refer("InferenceError")

SCHEMAS: dict[str, dict[str, Any]] = {
    "Dimension": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": "Number of values along one dimension of a tensor.",
    },
    "InferenceRequest": _make_object(
        "Tensors for a model, and which of its outputs are wanted.",
        ("inputs",),
        id={
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Name of the call, which its answer repeats; without one the answer has"
            " the id of the prediction in the log.",
        },
        parameters=_make_parameters(
            "`binary_data_output: true` asks for all outputs as bytes behind the JSON."
        ),
        inputs={
            "type": "array",
            "maxItems": MAX_TENSORS,
            "items": _refer("InferenceInput"),
            "description": "A tensor for each input of the model.",
        },
        outputs={
            "type": "array",
            "maxItems": MAX_TENSORS,
            "items": _refer("RequestedOutput"),
            "description": "Outputs that are wanted; all of them where it is left out or empty.",
        },
    ),
    "InferenceInput": _make_object(
        "A tensor that a model is given.",
        ("name", "shape", "datatype"),
        name={**_NAME, "description": "Input of the model, as its metadata names it."},
        shape=_SHAPE,
        datatype=_DATATYPE,
        parameters=_make_parameters(
            "`binary_data_size` is the number of its bytes behind the JSON, where they stand there."
        ),
        data={
            "anyOf": [_DATA, {"type": "null"}],
            "description": "Values in row-major order, nested by the shape or flat. Left out where"
            " they stand as bytes behind the JSON.",
        },
    ),
    "RequestedOutput": _make_object(
        "An output that is wanted.",
        ("name",),
        name={**_NAME, "description": "Output of the model, as its metadata names it."},
        parameters=_make_parameters("`binary_data` says whether it is wanted as bytes."),
    ),
    "InferenceResponse": _make_object(
        "Outputs of a model.",
        ("model_name", "model_version", "id", "outputs"),
        model_name={"type": "string", "description": "Model that ran."},
        model_version={"type": "string", "description": "Its version that ran: a whole number."},
        id={
            "type": "string",
            "description": "`id` of the request, or of the logged prediction where it had none.",
        },
        outputs={
            "type": "array",
            "items": _refer("InferenceOutput"),
            "description": "Outputs in the order in which they were asked for.",
        },
    ),
    "InferenceOutput": _make_object(
        "A tensor that a model gave.",
        ("name", "shape", "datatype"),
        name={"type": "string", "description": "Output of the model, as its metadata names it."},
        shape=_SHAPE,
        datatype=_DATATYPE,
        parameters=_make_parameters(
            "`binary_data_size` is the number of its bytes behind the JSON. Absent where it has"
            " `data`."
        ),
        data={**_DATA, "description": "Values in row-major order, flat."},
    ),
    "InferenceError": _make_object(
        "An error, in the words of the protocol.",
        ("error",),
        error={"type": "string", "description": "Cause of the refusal, for a person."},
    ),
}
