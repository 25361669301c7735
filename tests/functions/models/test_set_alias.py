"""Names for versions."""

import pytest

from tests.harness import Person, System, expect, in_parallel
from tests.registry import register

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_an_alias_stands_for_one_version_at_a_time(person: Person, system: System) -> None:
    first, second = register(person, system), register(person, system)
    path = "/v1/models/by-name/digits/aliases/champion"
    assert expect(person.request("PUT", path, {"version": 1}), 200)["id"] == first["id"]
    assert expect(person.request("PUT", path, {"version": 2}), 200)["aliases"] == ["champion"]
    assert person.get(path)["id"] == second["id"]
    assert [model["aliases"] for model in person.get("/v1/models")["items"]] == [["champion"], []]
    expect(person.request("DELETE", path), 204)
    expect(person.request("GET", path), 404)


@pytest.mark.parametrize("alias", ["latest", "v3", "12", "a b"])
def test_an_alias_is_no_version(person: Person, alias: str) -> None:
    person.post("/v1/models", BODY)
    path = f"/v1/models/by-name/digits/aliases/{alias}"
    refused = expect(person.request("PUT", path, {"version": 1}), 422)
    assert "alias" in refused["detail"]


@pytest.mark.parametrize(
    ("method", "body"),
    [("DELETE", None), ("PATCH", {"status": "archived"})],
    ids=["delete", "patch"],
)
def test_no_alias_stands_for_what_is_being_archived(
    person: Person, system: System, method: str, body: dict[str, str] | None
) -> None:
    path = "/v1/models/by-name/digits/aliases/champion"
    for _ in range(5):
        model = person.post("/v1/models", BODY)
        wanted = {"version": model["version"]}
        statuses = in_parallel(
            [lambda: person.request("PUT", path, wanted).status_code for _ in range(2)]  # noqa: B023
            + [lambda: person.request(method, f"/v1/models/{model['id']}", body).status_code]  # noqa: B023
        )
        assert set(statuses) <= {200, 204, 409}
        assert person.get(f"/v1/models/{model['id']}")["aliases"] == []
        expect(person.request("GET", path), 404)
