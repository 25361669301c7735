"""The pages of the API, from its OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

from infra.site.markdown import join_blocks, render_table, to_markdown
from infra.site.pages import ROOT

_METHODS = ("get", "post", "put", "patch", "delete", "options")
_HEAD = """\
# API

Every operation, by what it is about. Send your key as `Authorization: Bearer pxk_…`. The same as a document for programs:
`/openapi.json` of any installation. Errors look alike everywhere: [Errors](errors.md).
"""
_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "pattern": "`{}`",
}


def load_document() -> Any:
    """Return the OpenAPI document."""
    return json.loads((ROOT / "infra" / "openapi.json").read_text())


def render_api() -> str:
    """Return the page of operations."""
    document = load_document()
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                text = join_blocks(*_render_operation(method, path, operation))
                by_tag.setdefault(operation["tags"][0], []).append(text)
    parts = [join_blocks(f"## {tag}", *by_tag[tag]) for tag in sorted(by_tag)]
    return join_blocks(_HEAD, document["info"]["description"], *parts)


def render_schemas() -> str:
    """Return the page of what operations take and answer."""
    schemas = load_document()["components"]["schemas"]
    parts = [_render_schema(name, schemas[name]) for name in sorted(schemas)]
    return join_blocks("# Schemas", "What the [API](api.md) takes and answers.", *parts)


def _render_operation(method: str, path: str, operation: Any) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`"
    texts = (operation["summary"], operation.get("description", ""))
    yield to_markdown("\n\n".join(text.rstrip(".") + "." for text in texts if text))
    rows = [
        (
            f"`{one['name']}`",
            one["in"],
            describe_type(one["schema"]),
            to_markdown(one.get("description", "")),
        )
        for one in operation.get("parameters", ())
        if one["in"] != "path" or one.get("description")
    ]
    if rows:
        yield render_table(("parameter", "where", "type", "meaning"), rows)
    if body := operation.get("requestBody"):
        yield f"Takes {_list_contents(body['content'])}."
    yield f"Answers {', '.join(_list_answers(operation['responses']))}."


def _list_answers(responses: Any) -> Iterator[str]:
    for status, response in responses.items():
        if status >= "400":
            continue
        content = _list_contents(response["content"]) if "content" in response else ""
        yield f"{status}{f' with {content}' if content else ''}"
    yield "or a problem: " + ", ".join(status for status in responses if status >= "400")


def _list_contents(content: Any) -> str:
    return " or ".join(
        describe_type(one["schema"]) if "schema" in one else f"`{kind}`"
        for kind, one in content.items()
    )


def _render_schema(name: str, schema: Any) -> str:
    parts = [f"## {name}", to_markdown(schema.get("description", ""))]
    required = schema.get("required", ())
    rows = [
        (
            f"`{field}`",
            describe_type(one),
            _format_default(one, is_required=field in required),
            to_markdown(one.get("description", "")),
        )
        for field, one in schema.get("properties", {}).items()
    ]
    if rows:
        parts += [render_table(("field", "type", "default", "meaning"), rows)]
    elif "properties" not in schema:
        parts += [describe_type(schema)]
    return join_blocks(*filter(None, parts))


def _format_default(schema: Any, *, is_required: bool) -> str:
    if is_required:
        return "required"
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


def describe_type(schema: Any) -> str:
    """Return what a schema allows, in a line of Markdown."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](schemas.md#{name.lower()})"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(describe_type, choices)))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        text = f"list of {describe_type(schema.get('items', {}))}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        text = f"object of {describe_type(schema['additionalProperties'])}"
    else:
        text = schema.get("format", kind)
    bounds = [form.format(schema[name]) for name, form in _BOUNDS.items() if name in schema]
    return f"{text} ({', '.join(bounds)})" if bounds else str(text)
