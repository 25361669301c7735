"""Schemas of an OpenAPI document in words: what a value may be."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]

_RANGES = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "{} characters or more"),
    ("maxLength", "up to {} characters"),
    ("minItems", "{} or more"),
    ("maxItems", "up to {}"),
    ("maxProperties", "up to {}"),
)


def render_type(schema: Schema) -> str:
    """Return a schema's type as HTML, with links to the schemas that it names."""
    return " or ".join(dict.fromkeys(_list_types(schema))) or "anything"


def render_bounds(schema: Schema) -> str:
    """Return what else is asked of a value, and what stands for an absent one, as HTML."""
    parts = [
        text.format(one[key])
        for one in (schema, *schema.get("anyOf", ()))
        for key, text in _RANGES
        if key in one
    ]
    if schema.get("default") is not None:
        parts.append(f"<code>{escape(json.dumps(schema['default'], ensure_ascii=False))}</code>")
        parts[-1] = f"usually {parts[-1]}"
    return ", ".join(parts)


def find_name(schema: Schema) -> str:
    """Return the name of the schema that another one refers to, or nothing."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _list_types(schema: Schema) -> Iterator[str]:
    if name := find_name(schema):
        yield f'<a href="#schema-{name}">{name}</a>'
    elif branches := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        for branch in branches:
            yield from _list_types(branch)
    elif "const" in schema:
        yield _quote(schema["const"])
    elif "enum" in schema:
        yield from map(_quote, schema["enum"])
    elif schema.get("type") == "array":
        yield f"list of {render_type(schema.get('items', {}))}"
    elif isinstance(values := schema.get("additionalProperties"), dict):
        yield f"object of {render_type(values)}"
    elif kind := schema.get("type"):
        yield escape(str(schema.get("format", kind)))


def _quote(value: Any) -> str:
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"
