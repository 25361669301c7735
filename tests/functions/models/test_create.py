"""Registering a model."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from tests import factories
from tests.harness import Person, System, expect, in_parallel
from tests.registry import digits_onnx, register

BODY = {"name": "digits", "model_type": "onnx", "file_name": "digits.onnx", "file_size": 7}


def test_model_waits_for_its_file(person: Person) -> None:
    model = person.post("/v1/models", {**BODY, "metadata": {"framework": "scikit-learn"}})
    assert (model["status"], model["version"], model["user_id"]) == ("pending", 1, str(person.id))
    assert model["metadata"] == {"framework": "scikit-learn"}
    assert model["method"] == "PUT"
    wrong = requests.put(model["upload_url"], b"12345678", headers=model["headers"], timeout=30)
    assert wrong.status_code == 400
    right = requests.put(model["upload_url"], b"1234567", headers=model["headers"], timeout=30)
    assert right.status_code == 200


def test_versions_count_up_within_a_name(person: Person, system: System) -> None:
    versions = [person.post("/v1/models", BODY)["version"] for _ in range(3)]
    assert versions == [1, 2, 3]
    assert person.post("/v1/models", {**BODY, "name": "cats"})["version"] == 1
    assert person.post("/v1/models", {**BODY, "version": 9})["version"] == 9
    assert person.post("/v1/models", BODY)["version"] == 10
    taken = expect(person.request("POST", "/v1/models", {**BODY, "version": 9}), 409)
    assert "version 9" in taken["detail"]
    assert system.person().post("/v1/models", BODY)["version"] == 1


def test_concurrent_versions_differ(person: Person) -> None:
    def create() -> Any:
        return person.post("/v1/models", BODY)["version"]

    calls: list[Callable[[], Any]] = [create] * 8
    assert sorted(in_parallel(calls)) == list(range(1, 9))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"model_type": "pickle"}, "/model_type"),
        ({"name": "a/b"}, "/name"),
        ({"file_size": 0}, "/file_size"),
        ({"file_size": 2**30}, "/file_size"),
        ({"sha256": "x"}, "/sha256"),
        ({"version": 0}, "/version"),
        ({"metadata": {"preprocessing": {"std": [0]}}}, "/metadata/preprocessing/std"),
        ({"metadata": {"notes": "x" * 70_000}}, "/metadata"),
        ({"input_schema": [{"name": "X", "datatype": "FLOAT", "shape": [1]}]},
         "/input_schema/0/datatype"),
    ],
)  # fmt: skip
def test_wrong_field_is_named(person: Person, change: dict[str, Any], pointer: str) -> None:
    (error,) = expect(person.request("POST", "/v1/models", {**BODY, **change}), 422)["errors"]
    assert error["pointer"] == pointer


def test_somebody_else_does_not_see_it(person: Person, system: System) -> None:
    model = register(person, system, digits_onnx())
    other = system.person()
    expect(other.request("GET", f"/v1/models/{model['id']}"), 404)
    expect(other.request("GET", "/v1/models/by-name/digits/latest"), 404)
    expect(other.request("PATCH", f"/v1/models/{model['id']}", {"description": "x"}), 404)
    expect(other.request("DELETE", f"/v1/models/{model['id']}"), 404)
    assert other.get("/v1/models")["items"] == []


def test_highest_version_is_reached_and_none_follows(person: Person) -> None:
    highest = 2**31 - 1
    made = person.post("/v1/models", {**BODY, "version": highest})
    aliased = person.request(
        "PUT", f"/v1/models/by-name/{BODY['name']}/aliases/last", {"version": highest}
    )
    assert expect(aliased, 200)["id"] == made["id"]
    assert "none follows" in expect(person.request("POST", "/v1/models", BODY), 409)["detail"]


def test_half_of_a_surrogate_pair_in_metadata_is_refused_where_it_stands(person: Person) -> None:
    about = {"name": "m", "model_type": "onnx", "file_name": "m.onnx", "file_size": 4}
    for metadata, pointer in (
        ({"notes": ["a", {"b": "\ud83d"}]}, "/metadata/notes/1/b"),
        ({"labels": ["a", "\udc00"]}, "/metadata/labels/1"),
    ):
        found = person.post("/v1/models", {**about, "metadata": metadata}, 422)["errors"]
        assert [one["pointer"] for one in found] == [pointer]


def test_it_names_the_version_that_it_was_trained_on(
    person: Person, system: System, session: Session
) -> None:
    version = factories.version(session, factories.project(session, person.id))
    body = {**BODY, "version_id": str(version.id)}
    model = person.post("/v1/models", body)
    assert model["version_id"] == str(version.id)
    assert person.get(f"/v1/models/{model['id']}")["version_id"] == str(version.id)
    assert person.post("/v1/models", BODY)["version_id"] is None
    expect(system.person().request("POST", "/v1/models", body), 404)
