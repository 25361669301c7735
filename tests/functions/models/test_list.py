"""Listing models."""

from tests.harness import Person, System
from tests.registry import register

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_lists_filter(person: Person, system: System) -> None:
    active = register(person, system)
    waiting = person.post("/v1/models", {**BODY, "name": "cats"})
    for query, found in (
        ("status=active", [active["id"]]),
        ("name=cats", [waiting["id"]]),
        ("model_type=sklearn", [active["id"]]),
        ("", [waiting["id"], active["id"]]),
    ):
        assert [model["id"] for model in person.get(f"/v1/models?{query}")["items"]] == found
