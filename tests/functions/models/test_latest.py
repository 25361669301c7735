"""The latest version of a model."""

from tests.harness import Person, System
from tests.registry import register

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_latest_is_the_newest_that_serves(person: Person, system: System) -> None:
    first = person.post("/v1/models", BODY)
    latest = "/v1/models/by-name/digits/latest"
    assert person.get(latest)["id"] == first["id"]
    second = register(person, system)
    third = register(person, system, b"\x80\x04.")
    assert third["status"] == "rejected"
    assert person.get(latest)["id"] == second["id"]
