"""Holds every response of every test against the OpenAPI document."""

import gzip
import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS31Validator
from werkzeug.test import Client, TestResponse

from shared.contracts.openapi import build_openapi

_PARAMETER = re.compile(r"\{\w+\}")


class CheckedClient(Client):
    """A client that fails the test on a response which the document does not allow."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and checks what comes back."""
        response = super().open(*args, **kwargs)
        check(response)
        return response


def check(response: TestResponse) -> None:
    """Fail when status, media type or body differ from what the route promises."""
    path, method = response.request.path, response.request.method.lower()
    if method == "options":
        path = "/"  # the gateway has one function for all preflights
    route = _route(path, "get" if method == "head" else method)
    if route is None:
        assert response.status_code in (404, 405), f"{method} {path} is not in the document"
        return
    promised = route["responses"].get(str(response.status_code))
    assert promised is not None, (
        f"{route['operationId']} answered {response.status_code}, "
        f"which is not one of {', '.join(route['responses'])}: {response.data[:500]!r}"
    )
    promised = _resolve(promised)
    for name in promised.get("headers", {}):
        assert name in response.headers, f"{route['operationId']} sent no {name}"
    content = promised.get("content", {})
    if method == "head":
        assert not response.data
        assert response.mimetype in content or not content
        return
    if not content:
        assert not response.data
        return
    assert response.mimetype in content
    if not response.is_json:
        return
    packed = response.headers.get("Content-Encoding") == "gzip"
    body = json.loads(gzip.decompress(response.data) if packed else response.data)
    errors = list(
        _validator(response.mimetype, route["operationId"], response.status_code).iter_errors(body)
    )
    assert not errors, f"{route['operationId']}: {errors[0].message} at {errors[0].json_path}"


@cache
def _document() -> dict[str, Any]:
    return build_openapi()


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [
        (re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path)))), methods)
        for path, methods in _document()["paths"].items()
    ]


def _route(path: str, method: str) -> Any:
    exact = _document()["paths"].get(path)
    if exact is not None:
        return exact.get(method)
    for pattern, methods in _patterns():
        if pattern.fullmatch(path):
            return methods.get(method)
    return None


def _resolve(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    name = response["$ref"].rsplit("/", 1)[-1]
    found: dict[str, Any] = _document()["components"]["responses"][name]
    return found


@cache
def _validator(media_type: str, operation: str, status: int) -> Draft202012Validator:
    route = next(
        route
        for methods in _document()["paths"].values()
        for route in methods.values()
        if route["operationId"] == operation
    )
    schema = _resolve(route["responses"][str(status)])["content"][media_type]["schema"]
    whole = {**schema, "components": _document()["components"]}
    return OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER)
