"""Looking at a model."""

from uuid import uuid4

from tests.harness import Person, expect

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_model_is_shown_as_it_was_registered(person: Person) -> None:
    created = person.post("/v1/models", BODY)
    shown = person.get(f"/v1/models/{created['id']}")
    assert shown == {name: created[name] for name in shown}
    assert "upload_url" not in shown


def test_unknown_model_is_absent(person: Person) -> None:
    expect(person.request("GET", f"/v1/models/{uuid4()}"), 404)
