"""Changes that API Gateway makes to a request on its way to the function."""

from typing import Any

from werkzeug.test import Client

from infra.local.hosts import load_function
from shared.operations.discovery import list_functions
from tests.harness import Person, System, expect


def make_direct_client(name: str) -> Client:
    """Return a function at its own address, as the gateway calls it."""
    return Client(load_function(next(one for one in list_functions() if one.name == name)))


def test_the_callers_credential_comes_in_another_header(person: Person) -> None:
    gateways_own = {"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"}
    forwarded = {**gateways_own, "X-Forwarded-Authorization": f"Bearer {person.token}"}
    profile = expect(
        make_direct_client("accounts_profile_get").get("/v1/me", headers=forwarded), 200
    )
    assert profile["email"] == person.email
    expect(make_direct_client("accounts_profile_get").get("/v1/me", headers=gateways_own), 401)


def test_an_address_that_the_platform_keeps_to_itself_comes_as_the_root(system: System) -> None:
    health: Any = expect(make_direct_client("web_health").get("/"), 200)
    assert health["status"] == "ok"


def test_only_routes_without_parameters_are_served_at_the_root(person: Person) -> None:
    headers = {"Authorization": f"Bearer {person.token}"}
    expect(make_direct_client("projects_get").get("/", headers=headers), 404)
