"""Listing predictions."""

from tests.harness import Person, System
from tests.registry import register


def test_lists_filter_and_show_own_rows_only(person: Person, system: System) -> None:
    model = register(person, system)
    path = f"/v1/models/{model['id']}/predictions"
    good = person.post(path, {"inputs": {"X": [[0.0] * 64]}})
    person.request("POST", path, {"inputs": {}})
    every = person.get(f"/v1/predictions?model_id={model['id']}")["items"]
    assert [one["status"] for one in every] == ["failed", "success"]
    assert [one["id"] for one in person.get("/v1/predictions?status=success")["items"]] == [
        good["id"]
    ]
    assert system.person().get("/v1/predictions")["items"] == []
