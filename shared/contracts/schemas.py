"""JSON Schemas of the API's models, with a description of every field and a name for every enum."""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import getdoc
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from shared.contracts.docstrings import find_field, list_described_names
from shared.contracts.meanings import MEANINGS
from shared.declarations import DeclarationError

REF = "#/components/schemas/{model}"
Schema = dict[str, Any]


class DescribedSchemas(GenerateJsonSchema):
    """The generator of schemas, which describes fields and gives them no titles."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Leave out titles, which would say the name again."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return a model's schema with the descriptions of its fields."""
        found = super().model_schema(schema)
        found["description"] = getdoc(schema["cls"])  # of a page's items too
        properties = found.get("properties", {})
        descriptions = describe_fields(schema["cls"])
        for name, field in schema["cls"].model_fields.items():
            key = name if name in properties else field.alias
            properties[key]["description"] = descriptions[name]
        return found


def describe_fields(model: type[BaseModel]) -> dict[str, str]:
    """Return what fields mean: what stands beneath each, or what all that are alike mean.

    Raises `DeclarationError` where neither is written.
    """
    found = {name: find_field(model, name) for name in model.model_fields}
    declarations = {
        name: f"{name}: {one.annotation}" if one else name for name, one in found.items()
    }
    texts = {
        name: (one.text if one else None) or MEANINGS.get(declarations[name])
        for name, one in found.items()
    }
    if lacking := [declarations[name] for name, text in texts.items() if text is None]:
        raise DeclarationError(
            f"{model.__module__}: {model.__name__} does not describe {', '.join(lacking)}. Write"
            " docstrings beneath them, or in shared/contracts/meanings.py what all such fields mean"
        )
    return {name: text for name, text in texts.items() if text is not None}


def name_enums(document: Any, schemas: Schema) -> None:
    """Put references in the place of a document's enums, and add these to the schemas.

    Raises `DeclarationError` for an enum that no module of ours has given a name.
    """
    holders = {id(holder): holder for holder in _list_enums(document)}
    for holder in holders.values():
        values = tuple(holder.pop("enum", None) or [holder.pop("const")])
        name, description = _find_enum(values)
        holder.pop("type", None)  # which names of properties lack
        if schemas.setdefault(name, {}).get("enum", list(values)) != list(values):
            raise DeclarationError(f"Two schemas are called {name}.")
        schemas[name] |= {"type": "string", "enum": list(values), "description": description}
        holder["$ref"] = REF.format(model=name)


def _list_enums(part: Any) -> Iterator[Schema]:
    """Yield schemas of closed lists; one of a single value only where it has a name."""
    if isinstance(part, list):
        for one in part:
            yield from _list_enums(one)
    elif isinstance(part, dict):
        single = (part.get("const"),)
        if isinstance(part.get("enum"), list) or single in _list_named_enums():
            yield part
        for key, value in part.items():
            if key != "examples":
                yield from _list_enums(value)


def _find_enum(values: tuple[str, ...]) -> tuple[str, str]:
    """Return the name that a closed list has, and what it means."""
    found = _list_named_enums().get(values)
    if found is None:
        listed = ", ".join(values)
        raise DeclarationError(
            f"The values {listed} have no name. Give their Literal one, on a module's level, with"
            " a docstring beneath it."
        )
    (named, *others) = found
    if others:
        raise DeclarationError(f"{named[0]} and {others[0][0]} have the same values.")
    return named


@cache
def _list_named_enums() -> Mapping[tuple[str, ...], list[tuple[str, str]]]:
    """Return the names and the docstrings of closed lists that have both, by their values."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for module in sorted(name for name in sys.modules if name.startswith("shared.")):
        for name, text in list_described_names(module):
            if values := _list_values(getattr(sys.modules[module], name)):
                found.setdefault(values, []).append((name, text))
    return found


def _list_values(alias: Any) -> tuple[str, ...]:
    if get_origin(alias) is Literal:
        return get_args(alias)
    if get_origin(alias) is Annotated:
        for one in alias.__metadata__:
            if isinstance(one, WithJsonSchema) and one.json_schema:
                return tuple(one.json_schema.get("enum", ()))
    return ()
