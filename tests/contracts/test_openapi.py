"""The OpenAPI document describes all that it names, and names each thing once."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.examples import EXAMPLES
from shared.inference.protocol import read_request
from shared.operations.discovery import list_http_functions
from shared.schemas.models import TensorSchema

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "infra" / "openapi.json").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
ROUTES = [
    (f"{method} {path}", route)
    for path, methods in DOCUMENT["paths"].items()
    for method, route in methods.items()
]
BODIES = [
    (name, content)
    for name, route in ROUTES
    for form, content in route.get("requestBody", {}).get("content", {}).items()
    if form == "application/json"
]
MODELS = {
    parameter.type.__name__: parameter.type
    for _, operation in list_http_functions()
    for parameter in operation.parameters
    if parameter.source == "body"
}


def walk(part: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a document with its place, but none of an example."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from walk(one, f"{place}/{number}")
    elif isinstance(part, dict):
        yield place, part
        for key, one in part.items():
            if key != "examples":
                yield from walk(one, f"{place}/{key}")


def says_something(described: dict[str, Any]) -> bool:
    """Return whether there is a sentence."""
    text = described.get("description", "")
    return len(text) > 4 and text[-1] in ".:" and not text[0].islower()


def strip(part: Any) -> Any:
    """Return a schema without what is only said about it."""
    if isinstance(part, list):
        return [strip(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: {key: strip(one) for key, one in value.items()}
        if name == "properties"
        else strip(value)
        for name, value in part.items()
        if name != "description"
    }


def test_every_schema_and_every_property_is_described() -> None:
    lacking = [name for name, schema in SCHEMAS.items() if not says_something(schema)]
    lacking += [
        f"{place}/{name}"
        for place, part in walk(DOCUMENT, "")
        if isinstance(part.get("properties"), dict) and not place.endswith("/properties")
        for name, one in part["properties"].items()
        if not says_something(one)
    ]
    assert lacking == []


def test_every_operation_parameter_answer_and_header_is_described() -> None:
    lacking = [name for name, route in ROUTES if not says_something(route)]
    lacking += [
        f"{name} {one['name']}"
        for name, route in ROUTES
        for one in route.get("parameters", [])
        if not says_something(one)
    ]
    answers = [
        *DOCUMENT["components"]["responses"].items(),
        *((f"{name} {status}", one) for name, route in ROUTES for status, one in find(route)),
    ]
    lacking += [name for name, one in answers if "$ref" not in one and not says_something(one)]
    lacking += [
        f"{name} {header}"
        for name, one in answers
        for header, about in one.get("headers", {}).items()
        if not says_something(about)
    ]
    assert lacking == []


def find(route: dict[str, Any]) -> Any:
    """Return the answers of a route by status."""
    return route["responses"].items()


def test_no_two_schemas_are_alike() -> None:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, schema in SCHEMAS.items():
        names[json.dumps(strip(schema), sort_keys=True)].append(name)
    assert [alike for alike in names.values() if len(alike) > 1] == []


def test_objects_and_closed_lists_have_names() -> None:
    """So that generators call them by these, and not `Status1` to `Status29`."""
    inline = [
        place
        for place, part in walk(DOCUMENT, "")
        if (isinstance(part.get("enum"), list) or isinstance(part.get("properties"), dict))
        and place.count("/") != 3
        and not place.endswith("/properties")
    ]
    assert inline == []


@pytest.mark.parametrize("name", ["JobStatus", "ImageStatus", "ModelStatus", "EventType"])
def test_what_generators_name_is_there(name: str) -> None:
    assert len(SCHEMAS[name]["enum"]) > 2


@pytest.mark.parametrize(("name", "content"), BODIES, ids=[name for name, _ in BODIES])
def test_every_body_has_examples_that_its_json_schema_takes(
    name: str, content: dict[str, Any]
) -> None:
    assert content["examples"]
    validator = Draft202012Validator(
        {**content["schema"], "components": DOCUMENT["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    for example in content["examples"].values():
        assert example["summary"]
        validator.validate(example["value"])


@pytest.mark.parametrize("name", sorted(MODELS))
def test_examples_are_bodies_that_are_taken(name: str) -> None:
    for example in EXAMPLES[name].values():
        MODELS[name].model_validate(example["value"])


def test_examples_of_inference_are_requests_that_are_taken() -> None:
    tensor = TensorSchema(name="X", datatype="FP32", shape=[-1, 4])
    for example in EXAMPLES["InferenceRequest"].values():
        request = read_request(json.dumps(example["value"]).encode(), {}, [tensor], 10)
        assert request.inputs["X"].shape == (1, 4)


def test_examples_of_bytes_are_requests_that_are_taken() -> None:
    contents = [
        content["application/octet-stream"]
        for _, route in ROUTES
        if "application/octet-stream"
        in (content := route.get("requestBody", {}).get("content", {}))
    ]
    assert len(contents) == 2
    tensor = TensorSchema(name="X", datatype="FP32", shape=[-1, 4])
    for example in (one for content in contents for one in content["examples"].values()):
        (size,) = re.findall(r"`Inference-Header-Content-Length: (\d+)`", example["description"])
        headers = {"inference-header-content-length": size}
        request = read_request(example["value"].encode(), headers, [tensor], 10)
        assert request.inputs["X"].tolist() == [[2, 3, 8, 32]]


def test_every_example_is_shown() -> None:
    shown = {content["schema"]["$ref"].rpartition("/")[2] for _, content in BODIES}
    assert shown == set(EXAMPLES)
