"""Archiving a model."""

from tests.harness import Person, System, expect
from tests.registry import register


def test_deleting_archives(person: Person, system: System) -> None:
    model = register(person, system)
    expect(person.request("DELETE", f"/v1/models/{model['id']}"), 204)
    assert person.get(f"/v1/models/{model['id']}")["status"] == "archived"
