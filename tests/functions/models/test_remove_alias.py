"""Removing an alias."""

from tests.harness import Person, expect

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}
PATH = "/v1/models/by-name/digits/aliases/champion"


def test_alias_goes_and_the_version_stays(person: Person) -> None:
    model = person.post("/v1/models", BODY)
    expect(person.request("PUT", PATH, {"version": 1}), 200)
    expect(person.request("DELETE", PATH), 204)
    expect(person.request("GET", PATH), 404)
    assert person.get(f"/v1/models/{model['id']}")["aliases"] == []
