"""Finding a version by its alias."""

from tests.harness import Person, System, expect

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}
PATH = "/v1/models/by-name/digits/aliases"


def test_alias_leads_to_its_version(person: Person, system: System) -> None:
    model = person.post("/v1/models", BODY)
    expect(person.request("PUT", f"{PATH}/champion", {"version": 1}), 200)
    assert person.get(f"{PATH}/champion")["id"] == model["id"]
    expect(person.request("GET", f"{PATH}/challenger"), 404)
    expect(system.person().request("GET", f"{PATH}/champion"), 404)
