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
    names = {"labels": [f"digit {digit}" for digit in range(10)]}
    changed = expect(
        person.request("PATCH", path, {"description": "Digits", "metadata": names}), 200
    )
    assert (changed["description"], changed["metadata"]) == ("Digits", names)
    expect(person.request("PATCH", path, {"file_path": "x"}), 422)


def test_labels_fit_the_model_once_it_is_verified(person: Person, system: System) -> None:
    change = {"metadata": {"labels": ["cat", "dog", "cow"]}}
    waiting = f"/v1/models/{person.post('/v1/models', BODY)['id']}"
    expect(person.request("PATCH", waiting, change), 200)
    path = f"/v1/models/{register(person, system)['id']}"
    problem = expect(person.request("PATCH", path, change), 422)
    assert problem["errors"] == [
        {
            "pointer": "/metadata/labels",
            "detail": "metadata.labels names 3 classes; the model's output probabilities has "
            "10 columns.",
        }
    ]
    assert person.get(path)["metadata"] == {}
