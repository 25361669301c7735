"""The OpenAPI 3.1 document of every route, from the declarations and the schemas."""

import sys
from collections.abc import Mapping
from copy import deepcopy
from inspect import cleandoc, getdoc
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared import __version__
from shared.accounts.cookies import ACCESS_COOKIE
from shared.calls import Answer, Document, Precondition, Redirect, Refused
from shared.contracts import open_protocol
from shared.contracts.examples import EXAMPLES
from shared.contracts.parameters import describe_parameters
from shared.contracts.schemas import REF, DescribedSchemas, name_enums
from shared.declarations import MAX_BODY, HttpOperation, Parameter
from shared.operations.discovery import Function, list_http_functions
from shared.runtime.problems import MEDIA_TYPE
from shared.schemas.errors import Problem

_DESCRIPTION = """\
Image datasets built by serverless functions. Ids are UUIDs (version 7), times RFC 3339 in UTC.
Lists page by `cursor`; where GET is taken, HEAD is too; errors are RFC 9457 problems whose
`instance` is the request id."""
_HEADERS = {
    "Allow": "Methods that the address takes.",
    "ETag": "What If-Match and If-None-Match take.",
    "Location": "Where what was made or asked for is.",
    "Retry-After": "Seconds after which the same request may succeed.",
    "WWW-Authenticate": "The scheme of the credentials that are wanted.",
}
_PROBLEMS = {
    400: "The request could not be read.",
    401: "The credentials are missing, wrong or have expired.",
    403: "A page of another site may not ask for this with a browser's cookies.",
    404: "There is no such resource, or it is somebody else's.",
    405: "The address does not take this method.",
    409: "The resource is not in a state that allows this.",
    412: "The resource has changed since the caller read it.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not JSON.",
    422: "The request breaks a rule; `errors` says where.",
    429: "Too many; `Retry-After` says when to try again.",
    500: "Something went wrong on our side.",
    503: "A part that this needs does not answer.",
}


def build_openapi() -> dict[str, Any]:
    """Return the document as JSON-ready data, in a stable order."""
    functions = sorted(list_http_functions(), key=lambda pair: (pair[1].path, pair[1].method))
    refs, schemas = _collect_schemas([operation for _, operation in functions])
    paths: dict[str, dict[str, Any]] = {}
    for function, operation in functions:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe_route(
            function, operation, refs
        )
    schemas |= deepcopy(open_protocol.SCHEMAS)
    schemas["JsonValue"] = {"description": "Any JSON value."}
    name_enums([paths, schemas], schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pixmill",
            "version": __version__,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"api_key": []}, {"cookie": []}],
        "tags": [{"name": bundle} for bundle in sorted({one.bundle for one, _ in functions})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token or an API key.",
                },
                "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": ACCESS_COOKIE,
                    "description": "Of POST /v1/web-sessions, for pages of the same origin. But"
                    " with GET and HEAD, the header X-CSRF-Protection: 1 is needed beside it.",
                },
            },
            "responses": {
                f"Problem{status}": _describe_problem(status, text)
                for status, text in _PROBLEMS.items()
            },
        },
    }


Refs = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]


def _collect_schemas(operations: list[HttpOperation]) -> tuple[Refs, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in operations:
        for parameter in operation.parameters:
            if parameter.source == "body":
                wanted[parameter.type, "validation"] = None
        model = find_answer_model(operation)
        if model is not None:
            wanted[model, "serialization"] = None
    refs, definitions = models_json_schema(
        list(wanted), by_alias=True, ref_template=REF, schema_generator=DescribedSchemas
    )
    return refs, definitions.get("$defs", {})


def find_answer_model(operation: HttpOperation) -> type[BaseModel] | None:
    """Return the schema of a route's success, if it answers with JSON."""
    for kind in get_args(operation.answers) or (operation.answers,):
        if get_origin(operation.answers) is Answer or get_origin(kind) is Answer:
            inner = get_args(kind) or (kind,)
            return inner[0] if isinstance(inner[0], type) else None
        if _is_model(kind):
            return kind  # type: ignore[no-any-return]
    return operation.answers if _is_model(operation.answers) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _describe_route(function: Function, operation: HttpOperation, refs: Refs) -> dict[str, Any]:
    route: dict[str, Any] = {
        "operationId": function.name,
        "summary": function.summary,
        "description": _describe_operation(operation),
        "tags": [function.bundle],
    }
    if operation.public:
        route["security"] = []
    parameters = describe_parameters(operation)
    if parameters:
        route["parameters"] = parameters
    for parameter in operation.parameters:
        if parameter.source == "body":
            route["requestBody"] = {
                "required": any(
                    field.is_required() for field in parameter.type.model_fields.values()
                ),
                "content": {"application/json": _show_examples(refs[parameter.type, "validation"])},
            }
    if operation.takes_bytes:
        content = _describe_media(operation, open_protocol.REQUEST)
        content["application/octet-stream"]["examples"] = deepcopy(open_protocol.BYTES_EXAMPLES)
        route["requestBody"] = {"required": True, "content": content}
    route["responses"] = _describe_responses(operation, refs)
    return route


def _describe_operation(operation: HttpOperation) -> str:
    """Return what its module says that it does, and what its handler says further."""
    module = cleandoc(sys.modules[operation.handler.__module__].__doc__ or "")
    more = cleandoc(operation.handler.__doc__ or "").partition("\n\n")[2]
    return "\n\n".join(filter(None, (module, more)))


def _describe_responses(operation: HttpOperation, refs: Refs) -> dict[str, Any]:
    status, success = _describe_success(operation, refs)
    if status == 200 and operation.method in ("GET", "PATCH"):
        success |= _describe_headers("ETag")
    if operation.location:
        success |= _describe_headers("Location")
    responses = {str(status): success}
    if status == 200 and operation.method == "GET":
        responses["304"] = {"description": "It is what you have.", **_describe_headers("ETag")}
    if operation.or_status is not None:
        text = _PROBLEMS.get(operation.or_status, "It waits; what was made shows how it goes on.")
        responses[str(operation.or_status)] = {
            **success,
            "description": text,
            **_describe_problem_headers(operation.or_status),
        }
    codes = _list_error_codes(operation)
    codes -= {int(status) for status in responses}
    for code in sorted(codes):
        responses[str(code)] = (
            {"$ref": f"#/components/responses/Problem{code}"}
            if operation.errors is None
            else {
                "description": _PROBLEMS[code],
                "content": {"application/json": {"schema": open_protocol.ERROR}},
            }
        )
    if "413" in responses and (operation.max_body != MAX_BODY or operation.if_larger):
        size = f"{operation.max_body // 2**20} MiB"
        large = f"The body is larger than {size}. {operation.if_larger}".strip()
        responses["413"] = (
            _describe_problem(413, large)
            if operation.errors is None
            else {**responses["413"], "description": large}
        )
    return responses


def _list_error_codes(operation: HttpOperation) -> set[int]:
    codes = {400, 405, 429, 500, 503}
    kinds = {parameter.source for parameter in operation.parameters}
    if not operation.public:
        codes |= {401, 403}
    if operation.takes_cookies:
        codes |= {403}
    if operation.method != "GET":
        codes |= {409, 413, 415, 422}
    if "query" in kinds:
        codes |= {422}
    if any(parameter.type is Precondition for parameter in operation.parameters):
        codes |= {412}
    if "path" in kinds or any(_names_rows(parameter) for parameter in operation.parameters):
        codes |= {404}
    if Refused in get_args(operation.answers):
        codes |= {401}
    return codes


def _names_rows(parameter: Parameter) -> bool:
    """Return whether a query or a body has a field for the id of a row."""
    fields: Mapping[str, Any] = getattr(parameter.type, "model_fields", {})
    return parameter.source in ("body", "query") and any(name.endswith("_id") for name in fields)


def _describe_success(operation: HttpOperation, refs: Refs) -> tuple[int, dict[str, Any]]:
    if operation.answers is Redirect:
        return 302, {
            "description": "The content lies at `Location` for a short time.",
            **_describe_headers("Location"),
        }
    if Document in (operation.answers, *get_args(operation.answers)):
        return operation.status, {
            "description": "The document itself." if operation.errors is None else "The outputs.",
            "content": _describe_media(operation, open_protocol.RESPONSE),
        }
    model = find_answer_model(operation)
    if model is None:
        return 204, {"description": "Done; there is nothing to say."}
    return operation.status, {
        "description": _find_first_sentence(model),
        "content": {"application/json": {"schema": refs[model, "serialization"]}},
    }


def _find_first_sentence(model: type[BaseModel]) -> str:
    text = " ".join((getdoc(model) or "").split())
    return f"{text.partition('. ')[0].rstrip('.')}."


def _describe_media(operation: HttpOperation, of_protocol: dict[str, str]) -> dict[str, Any]:
    """Return the content of what the handler itself makes or reads."""
    own = {"type": "object", "additionalProperties": True}
    schemas: dict[str, dict[str, Any]] = {
        "application/json": own if operation.errors is None else of_protocol,
        "application/octet-stream": {"type": "string", "format": "binary"},
    }
    text = {"type": "string"}
    return {form: _show_examples(schemas.get(form, text)) for form in operation.media_types}


def _show_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a schema with the examples of bodies that there are."""
    examples = EXAMPLES.get(schema.get("$ref", "").rpartition("/")[2])
    return {"schema": schema} | ({"examples": deepcopy(examples)} if examples else {})


def _describe_problem(status: int, text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
        **_describe_problem_headers(status),
    }


def _describe_problem_headers(status: int) -> dict[str, Any]:
    header = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
    return _describe_headers(header[status]) if status in header else {}


def _describe_headers(name: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"headers": {name: {"description": _HEADERS[name], "required": True, "schema": schema}}}
