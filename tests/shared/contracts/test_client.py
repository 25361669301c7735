"""Schemas and routes become Python that says the same."""

from typing import Any

import pytest

from shared.contracts.client import render_operations, render_types


def render_field(schema: dict[str, Any], *, required: bool = True) -> str:
    """Return the line of a class's only field."""
    described = {"description": "A thing.", "properties": {"field": schema}}
    described["required"] = ["field"] if required else []
    text = render_types({"components": {"schemas": {"Thing": described}}})
    return text.rstrip().rpartition("\n")[2].strip()


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ({"type": "string"}, "field: str"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "field: int | None"),
        ({"enum": ["a", "b"], "type": "string"}, 'field: Literal["a", "b"]'),
        ({"const": "urls", "type": "string"}, 'field: Literal["urls"]'),
        ({"type": "array", "items": {"$ref": "#/x/Other"}}, "field: list[Other]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "field: dict[str, float]"),
        ({"type": "object", "additionalProperties": False}, "field: dict[str, Any]"),
        ({"$ref": "#/components/schemas/JsonValue"}, "field: Any"),
        ({"anyOf": [{"type": "string"}, {}]}, "field: Any"),
    ],
)
def test_a_schema_becomes_a_type(schema: dict[str, Any], line: str) -> None:
    assert render_field(schema) == line


def test_what_may_be_left_out_is_not_required() -> None:
    assert render_field({"type": "string"}, required=False) == "field: NotRequired[str]"


def test_a_name_that_python_lacks_is_an_error() -> None:
    schema = {"properties": {"class": {"type": "string"}}}
    with pytest.raises(ValueError, match=r"Thing\.class"):
        render_types({"components": {"schemas": {"Thing": schema}}})


def test_descriptions_stay_texts() -> None:
    schema = {"description": 'Ends """ and \\d.', "properties": {"field": {"type": "string"}}}
    text = render_types({"components": {"schemas": {"Thing": schema}}})
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102
    assert names["Thing"].__doc__ == "Ends ''' and \\d."


def test_an_operation_becomes_a_function() -> None:
    route = {
        "operationId": "things_get",
        "summary": "Get a thing",
        "parameters": [
            {"name": "name", "in": "path", "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 50}},
        ],
        "responses": {"204": {}, "302": {}},
    }
    text = render_operations({"paths": {"/v1/things/{name}": {"get": route}}})
    assert text.endswith(
        "def things_get(\n    name: str | int,\n    *,\n    limit: int | None = None,\n"
        ') -> Call[None | str]:\n    """Get a thing."""\n'
        '    return Call("GET", make_path("/v1/things/{name}", name), query={"limit": limit})\n'
    )
