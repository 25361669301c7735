"""Parameters of a route in the OpenAPI document: of its address, its query and its headers."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from shared.calls import Precondition, Redirect
from shared.contracts.schemas import DescribedSchemas
from shared.declarations import HttpOperation, Parameter

_REPEATABLE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body answer as the first time, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an answer that you have: 304 where it is still the same.",
    "schema": {"type": "string"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that you read: 412 where somebody has changed the resource since.",
    "schema": {"type": "string"},
}
_IN_PATH = {
    "after_id": "The id of the version that is compared with `before_id`.",
    "alias": "The alias: 1 to 64 letters, digits, hyphens and underscores.",
    "api_key_id": "The id of the API key, which is no part of the key itself.",
    "before_id": "The id of the version that differences are told from.",
    "delivery_id": "The id of the webhook's delivery.",
    "name": "The name of the model, as it was registered.",
    "version": "The version of the model: a number, an alias or `latest`.",
}


def describe_parameters(operation: HttpOperation) -> list[dict[str, Any]]:
    """Return the parameters of an operation, those of its address first and headers last."""
    parameters = [
        found for parameter in operation.parameters for found in _describe_parameter(parameter)
    ]
    if operation.method == "POST" and not operation.public:
        parameters.append(_REPEATABLE)
    if any(parameter.type is Precondition for parameter in operation.parameters):
        parameters.append(_IF_MATCH)
    if operation.method == "GET" and operation.answers is not Redirect:
        parameters.append(_IF_NONE_MATCH)
    return parameters


def _describe_parameter(parameter: Parameter) -> list[dict[str, Any]]:
    if parameter.source == "path":
        schema = (
            {"type": "string", "format": "uuid"}
            if parameter.type is UUID
            else TypeAdapter(parameter.type).json_schema()
        )
        thing = parameter.name.removesuffix("_id").replace("_", " ")
        return [
            {
                "name": parameter.name,
                "in": "path",
                "required": True,
                "description": _IN_PATH.get(parameter.name, f"The id of the {thing}."),
                "schema": schema,
            }
        ]
    if parameter.source != "query":
        return []
    schema = parameter.type.model_json_schema(by_alias=True, schema_generator=DescribedSchemas)
    required = schema.get("required", [])
    described: list[dict[str, Any]] = []
    for name, one in schema.get("properties", {}).items():
        about: dict[str, Any] = {"name": name, "in": "query", "required": name in required}
        inlined = _inline(one, schema)
        described.append({**about, "description": inlined.pop("description"), "schema": inlined})
    return described


def _inline(schema: Any, whole: dict[str, Any]) -> Any:
    """Return a property's schema without references."""
    if isinstance(schema, list):
        return [_inline(one, whole) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]], whole)
    return {key: _inline(value, whole) for key, value in schema.items()}
