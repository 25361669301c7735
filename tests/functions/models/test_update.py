"""A model's states, names and words."""

from tests.harness import Person, System, expect
from tests.registry import register

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_states_move_only_as_they_may(person: Person, system: System) -> None:
    path = f"/v1/models/{register(person, system)['id']}"
    for status in ("deprecated", "active", "deprecated", "archived"):
        changed = expect(person.request("PATCH", path, {"status": status}), 200)
        assert changed["status"] == status
    refused = expect(person.request("PATCH", path, {"status": "active"}), 409)
    assert "archived cannot become active" in refused["detail"]


def test_waiting_model_cannot_be_made_active_by_hand(person: Person) -> None:
    path = f"/v1/models/{person.post('/v1/models', BODY)['id']}"
    expect(person.request("PATCH", path, {"status": "active"}), 409)


def test_words_change_and_the_file_does_not(person: Person, system: System) -> None:
    path = f"/v1/models/{register(person, system)['id']}"
    changed = expect(
        person.request("PATCH", path, {"description": "Digits", "metadata": {"labels": ["a"]}}), 200
    )
    assert (changed["description"], changed["metadata"]) == ("Digits", {"labels": ["a"]})
    expect(person.request("PATCH", path, {"file_path": "x"}), 422)
