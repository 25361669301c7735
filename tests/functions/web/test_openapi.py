"""Serving the OpenAPI document."""

from shared.operations.discovery import list_http_functions
from tests.harness import System, expect


def test_every_route_is_in_it(system: System) -> None:
    response = system.client.get("/openapi.json")
    document = expect(response, 200)
    assert response.content_type == "application/json"
    assert document["openapi"].startswith("3.1")
    routes = {(path, method) for path, methods in document["paths"].items() for method in methods}
    for _, operation in list_http_functions():
        assert (operation.path, operation.method.lower()) in routes


def test_it_may_be_kept_for_a_while(system: System) -> None:
    response = system.client.get("/openapi.json")
    assert response.headers["Cache-Control"] == "public, max-age=300"
