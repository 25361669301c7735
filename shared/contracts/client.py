"""The client's types and operations as Python, from the OpenAPI document."""

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

_Schema = Mapping[str, Any]
_PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
    "array": "list[Any]",
}
_PAGE = re.compile(r"Page_(\w+)_")
_TYPES = '''\
"""Types of what the API takes and answers (written by `make contracts`)."""

from __future__ import annotations

from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next_cursor` leads to the next one, or is null."""

    items: list[Item]
    next_cursor: str | None
'''
_OPERATIONS = '''\
"""Every operation of the API: each function returns the call (written by `make contracts`)."""

from typing import Any, Literal

from pixmill import types
from pixmill.calls import Call, Id, make_path
'''


def render_types(document: _Schema) -> str:
    """Return a module with a `TypedDict` for each schema of an OpenAPI document."""
    schemas: dict[str, _Schema] = document["components"]["schemas"]
    parts = [_TYPES]
    for name, schema in schemas.items():
        if _PAGE.fullmatch(name):
            continue
        if "properties" in schema:
            parts.append(_render_class(name, schema))
        else:
            parts.append(f"{name} = {_to_type(schema)}\n")
    return "\n\n".join(_order(parts))


def render_operations(document: _Schema) -> str:
    """Return a module with a function for each operation of an OpenAPI document."""
    functions = [
        _render_operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "options"  # which browsers send
    ]
    return "\n\n".join([_OPERATIONS, *functions])


def _order(parts: list[str]) -> list[str]:
    """Put aliases before the classes, which name them."""
    first, *others = parts
    return [first, *sorted(others, key=lambda part: part.startswith("class "))]


def _render_class(name: str, schema: _Schema) -> str:
    required = set(schema.get("required", ()))
    lines = [f"class {name}(TypedDict):", *_quote(schema.get("description", name), "    "), ""]
    for field, described in schema["properties"].items():
        if not field.isidentifier() or keyword.iskeyword(field):
            raise ValueError(f"{name}.{field} is no name in Python")
        kind = _to_type(described)
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
        if text := described.get("description"):
            lines += _quote(text, "    ")
    if not schema["properties"]:
        lines.pop()
    return "\n".join([*lines, ""])


def _render_operation(method: str, path: str, operation: _Schema) -> str:
    parameters = operation.get("parameters", [])
    query = [one for one in parameters if one["in"] == "query"]
    taken = [f"{one['name']}: Id" for one in parameters if one["in"] == "path"]
    for one in parameters:
        if one["in"] == "path" and one["schema"].get("format") != "uuid":
            taken[taken.index(f"{one['name']}: Id")] = f"{one['name']}: str | int"
    arguments = [f'"{method.upper()}"', _render_path(path)]
    if "requestBody" in operation:
        taken.append(f"body: {_find_body(operation)}")
        arguments.append("body=body")
    if query:
        taken.append("*")
        names = (f'"{one["name"]}": {one["name"]}' for one in query)
        arguments.append(f"query={{{', '.join(names)}}}")
    for one in query:
        kind = _to_type(one["schema"], "types.")
        taken.append(f"{one['name']}: {kind if 'None' in kind else f'{kind} | None'} = None")
    if any(one["name"] == "Idempotency-Key" for one in parameters):
        arguments.append("takes_key=True")
    return "\n".join(
        [
            f"def {operation['operationId']}(",
            *(f"    {one}," for one in taken),
            f") -> Call[{_find_answer(operation)}]:",
            *_quote(operation["summary"] + ".", "    "),
            f"    return Call({', '.join(arguments)})",
            "",
        ]
    ).replace("(\n)", "()")


def _render_path(path: str) -> str:
    names = re.findall(r"{(\w+)}", path)
    return f'make_path("{path}", {", ".join(names)})' if names else f'"{path}"'


def _find_body(operation: _Schema) -> str:
    content = operation["requestBody"]["content"]
    schema = content.get("application/json", {}).get("schema", {})
    return _to_type(schema, "types.")


def _find_answer(operation: _Schema) -> str:
    kinds = []
    for status, response in operation["responses"].items():
        if status < "300":
            content = response.get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            kinds.append(_to_type(schema, "types.") if content else "None")
        elif status == "302":
            kinds.append("str")  # where it leads
    return " | ".join(dict.fromkeys(kinds))


def _to_type(schema: _Schema, prefix: str = "") -> str:
    kinds = list(dict.fromkeys(_list_types(schema, prefix)))
    return "Any" if "Any" in kinds else " | ".join(kinds)


def _list_types(schema: _Schema, prefix: str) -> Iterator[str]:
    if "$ref" in schema:
        yield _name(schema["$ref"].rpartition("/")[2], prefix)
    elif branches := schema.get("anyOf") or schema.get("oneOf"):
        for branch in branches:
            yield from _list_types(branch, prefix)
    elif "const" in schema:
        yield f"Literal[{schema['const']!r}]".replace("'", '"')
    elif "enum" in schema:
        yield f"Literal[{', '.join(map(repr, schema['enum']))}]".replace("'", '"')
    elif schema.get("type") == "array" and schema.get("items"):
        yield f"list[{_to_type(schema['items'], prefix)}]"
    elif schema.get("type") == "object" and isinstance(
        inner := schema.get("additionalProperties"), dict
    ):
        yield f"dict[str, {_to_type(inner, prefix)}]"
    elif kind := schema.get("type"):
        yield _PLAIN[kind]
    else:
        yield "Any"


def _name(name: str, prefix: str) -> str:
    if found := _PAGE.fullmatch(name):
        return f"{prefix}Page[{prefix}{found[1]}]"
    return "Any" if name == "JsonValue" else f"{prefix}{name}"


def _quote(text: str, indent: str) -> list[str]:
    """Return a docstring's lines."""
    lines = text.replace("\\", "\\\\").replace('"""', "'''").strip().split("\n")
    lines[0] = f'{indent}"""{lines[0]}'
    lines[1:] = [f"{indent}{line}" if line else "" for line in lines[1:]]
    if len(lines) == 1:
        return [f'{lines[0]}"""']
    return [*lines, f'{indent}"""']
