"""Archiving a model."""

import pytest

from tests.harness import Person, System, expect
from tests.registry import register


@pytest.mark.parametrize("status", ["active", "deprecated"])
def test_deleting_archives_as_the_status_does(person: Person, system: System, status: str) -> None:
    """Both end the version's aliases, leave the others', and are final."""
    deleted, patched, kept = (register(person, system) for _ in range(3))
    for model, alias in ((deleted, "old"), (patched, "newer"), (kept, "champion")):
        path = f"/v1/models/by-name/digits/aliases/{alias}"
        expect(person.request("PUT", path, {"version": model["version"]}), 200)
    left = []
    for model, method, body in (
        (deleted, "DELETE", None),
        (patched, "PATCH", {"status": "archived"}),
    ):
        path = f"/v1/models/{model['id']}"
        expect(person.request("PATCH", path, {"status": status}), 200)
        answer = expect(person.request(method, path, body), 200 if body else 204)
        shown = person.get(path)
        assert answer in (None, shown)
        left.append((shown["status"], shown["aliases"]))
        expect(person.request("PATCH", path, {"status": "active"}), 409)
    assert left == [("archived", [])] * 2
    assert person.get(f"/v1/models/{kept['id']}")["aliases"] == ["champion"]
