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


def test_names_that_no_model_can_have(person: Person) -> None:
    for path in (
        "/v1/models/by-name/a%00/latest",
        "/v1/models/by-name/a/aliases/b%00",
        "/v2/models/a%00",
        "/v2/models/a/versions/%00/ready",
    ):
        assert person.request("GET", path).status_code == 404
