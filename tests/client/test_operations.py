"""Every operation of the OpenAPI document can be called, with its parameters and no others."""

import inspect
import json
import typing
from pathlib import Path
from typing import Any, get_args

import pytest
from pixmill import operations, types
from pixmill.jobs import ExportFormat

DOCUMENT = json.loads((Path(__file__).parents[2] / "infra" / "openapi.json").read_text())
ROUTES = [
    (method, path, route)
    for path, methods in DOCUMENT["paths"].items()
    for method, route in methods.items()
    if method != "options"
]
OPERATIONS = [pytest.param(*one, id=one[2]["operationId"]) for one in ROUTES]


@pytest.mark.parametrize(("method", "path", "route"), OPERATIONS)
def test_an_operation_is_called_as_the_document_says(
    method: str, path: str, route: dict[str, Any]
) -> None:
    function = getattr(operations, route["operationId"])
    parameters = route.get("parameters", [])
    given = {
        place: [one["name"] for one in parameters if one["in"] == place]
        for place in ("path", "query", "header")
    }
    has_body = "requestBody" in route
    values = [f"{name}/ä" for name in given["path"]] + [{"body": 1}] * has_body
    call = function(*values, **dict.fromkeys(given["query"], "x"))
    expected = path
    for name in given["path"]:
        expected = expected.replace(f"{{{name}}}", f"{name}%2F%C3%A4")
    assert (call.method, call.path) == (method.upper(), expected)
    assert [*call.query] == given["query"]
    assert call.body == ({"body": 1} if has_body else None)
    assert call.takes_key == ("Idempotency-Key" in given["header"])
    assert function(*values).find_parameters() is None


def test_there_is_no_operation_that_the_document_lacks() -> None:
    functions = {name for name, _ in inspect.getmembers(operations, inspect.isfunction)}
    listed = {route["operationId"] for _, _, route in ROUTES}
    assert functions - {"make_path"} == listed


def test_types_have_the_fields_of_the_schemas() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, schema in schemas.items():
        if "properties" in schema and not name.startswith("Page_"):
            kind = getattr(types, name)
            assert [*kind.__annotations__] == [*schema["properties"]], name
    hints = typing.get_type_hints(types.CrawlJobCreate)
    assert hints["options"] is types.CrawlOptions
    assert types.UrlEntry.__required_keys__ >= {"url"}


def test_the_formats_of_exports_are_all_there() -> None:
    values = DOCUMENT["components"]["schemas"]["ExportFormat"]["enum"]
    assert list(get_args(ExportFormat)) == values
