"""Ids in queries and bodies: those of somebody else are absent, as on a path."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from shared.accounts.sessions import issue_tokens
from shared.database.transactions import transaction
from shared.services import services
from tests.contracts.test_visibility import contents
from tests.harness import Person, System
from tests.migrations.tenants import Tenant, tenant
from tests.shared.schemas.bodies import CHANGES, RULES

_ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((_ROOT / "infra" / "openapi.json").read_text())
# The rest of a body, by the operation; the id is put into it.
_BODIES: dict[str, dict[str, Any]] = {
    "analyses_create": {"analyzer": "basic"},
    "analyses_create_job": {"analyzer": "basic"},
    "crawls_create": {"name": "c", "source": {"type": "urls", "urls": ["https://example.com/a"]}},
    "images_update_many": {"set": CHANGES},
    "inference_predict": {"inputs": {"x": [1]}},
    "manifests_create": {"name": "cats", "file_name": "cats.csv", "size": 5},
    "models_create": {
        "name": "m",
        "model_type": "onnx",
        "file_name": "m.onnx",
        "file_size": 5,
        "sha256": "0" * 64,
    },
    "validations_preview": {"rules": RULES},
    "verifications_create": {"name": "again"},
    "versions_create": {"name": "v1"},
}
_TABLES = {
    "duplicate_of": "images",
    "image_ids": "images",
    "analyzer": "models",
    "analyze": "models",
}
Place = tuple[str, str, str, tuple[str, ...]]


def list_places() -> Iterator[Place]:
    """Yield operation, method and path of each place for an id, and where in the call it is."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            about = (operation["operationId"], method.upper(), path)
            for parameter in operation.get("parameters", []):
                known = _resolve(parameter)
                if known["in"] == "query" and _is_id(known["name"], known["schema"]):
                    yield *about, ("query", known["name"])
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for place in sorted(set(_walk(sent["schema"], (), frozenset()))) if sent else []:
                yield *about, place


def _resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        _, _, kind, name = schema["$ref"].split("/")
        schema = DOCUMENT["components"][kind][name]
    return schema


def _walk(
    schema: Mapping[str, Any], place: tuple[str, ...], seen: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    schema, seen = _resolve(schema), seen | {reference} - {""}
    if place and _is_id(place[-1], schema):
        yield place
    for name, part in schema.get("properties", {}).items():
        yield from _walk(part, (*place, name), seen)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")):
        if isinstance(part, dict):
            yield from _walk(part, place, seen)


def _is_id(name: str, schema: Mapping[str, Any]) -> bool:
    parts = [schema, *schema.get("anyOf", ())]
    return name in {"analyzer", "analyze"} or any(one.get("format") == "uuid" for one in parts)


PLACES = list(list_places())


def call(
    person: Person, place: Place, own: Tenant, keys: Mapping[str, tuple[Any, ...]]
) -> tuple[int, Any]:
    """Send a call about own rows that names a row of `keys`; return its status and answer."""
    operation, method, path, (*inside, name) = place
    table = _TABLES.get(name, f"{name.removesuffix('_id')}s")
    value: Any = str(keys[table][0])
    if table == "models" and name != "model_id":
        value = f"model:{value}"
    path = path.format_map({f"{one.removesuffix('s')}_id": key[0] for one, key in own.keys.items()})
    if inside == ["query"]:
        response = person.request(method, path, query_string={name: value})
    else:
        body = json.loads(json.dumps(_BODIES[operation]))
        if name in {"image_ids", "analyze"}:
            value = [value]
        if name == "image_ids":
            body.pop("inputs", None)
        target = body
        for one in inside:
            target = target.setdefault(one, {})
        target[name] = value
        response = person.request(method, path, body)
    return response.status_code, response.get_json(silent=True)


def test_what_is_somebody_elses_is_absent_like_what_is_nobodys(
    system: System, engine: Engine, subtests: pytest.Subtests
) -> None:
    with engine.begin() as connection:
        theirs = tenant(connection, "owner@example.com")
        own = tenant(connection, "stranger@example.com")
    with transaction(services().engine) as session:
        token = issue_tokens(session, services().settings, own.id, uuid4()).access_token
    stranger = Person(system.client, own.id, "stranger@example.com", token, "")
    nobodys = {table: (uuid4(),) for table in theirs.keys}
    for place in PLACES:
        with subtests.test(" ".join((place[0], *place[3]))):
            before = contents(engine)
            status, answer = call(stranger, place, own, theirs.keys)
            assert status == 404, answer
            assert contents(engine) == before
            status, absent = call(stranger, place, own, nobodys)
            assert status == 404
            assert _without_ids(absent) == _without_ids(answer)
    for place in PLACES:  # the same calls find the caller's own
        with subtests.test(" ".join(("own", place[0], *place[3]))):
            status, answer = call(stranger, place, own, own.keys)
            assert status != 404, answer


def _without_ids(problem: Any) -> Any:
    return {name: value for name, value in problem.items() if name != "instance"}


def test_places_of_every_kind_are_walked() -> None:
    found = {(operation, place) for operation, _, _, place in PLACES}
    assert len(found) > 30
    assert ("crawls_create", ("options", "analyze")) in found
    assert ("images_update_many", ("filter", "version_id")) in found
    assert ("inference_list", ("query", "model_id")) in found
