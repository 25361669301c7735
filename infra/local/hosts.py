"""Hosts the functions: each in its own functions-framework app, behind one WSGI door.

`make_gateway` routes requests as API Gateway does in the cloud, `make_worker` takes the pushes.
"""

import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

import functions_framework
from flask import Request as FlaskRequest
from werkzeug.wrappers import Request, Response

from shared.calls import Document
from shared.declarations import PATH_PARAMETER, compile_path
from shared.errors import AppError, MethodNotAllowed
from shared.operations.discovery import Function, list_http_functions, list_message_functions
from shared.runtime.cors import add_origin_headers
from shared.runtime.requests import make_missing_address, read_request_id
from shared.runtime.responses import to_error_response
from shared.settings import load_settings

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
Form = Callable[[AppError], Document] | None


_loading = threading.Lock()


def load_function(function: Function) -> App:
    """Return the function as functions-framework serves it, once it is called."""
    loaded: list[App] = []

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with _loading:  # the framework keeps what it loads in one place
            if not loaded:
                source = str(function.source)
                loaded.append(functions_framework.create_app(target=function.name, source=source))
        return loaded[0](environ, start_response)

    return app


def make_gateway() -> App:
    """Make an application of every route, at the addresses that clients use."""
    exact: dict[str, dict[str, App]] = {}
    patterns: list[tuple[re.Pattern[str], dict[str, App]]] = []
    by_path: dict[str, dict[str, App]] = {}
    forms: dict[str, Form] = {}  # of errors below /v1 and /v2
    preflight: App | None = None
    for function, operation in list_http_functions():
        if operation.method == "OPTIONS":
            preflight = load_function(function)
            continue
        by_path.setdefault(operation.path, {}).update(
            dict.fromkeys(operation.methods, load_function(function))
        )
        forms[_find_root(operation.path)] = operation.errors
    for path, methods in by_path.items():
        if PATH_PARAMETER.search(path):
            patterns.append((compile_path(path), methods))
        else:
            exact[path] = methods

    def find_methods(path: str) -> dict[str, App] | None:
        return exact.get(path) or next(
            (found for pattern, found in patterns if pattern.fullmatch(path)), None
        )

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if environ["REQUEST_METHOD"] == "OPTIONS" and preflight is not None:
            return preflight({**environ, "PATH_INFO": "/"}, start_response)
        methods = find_methods(path)
        form = forms.get(_find_root(path))
        if methods is None:
            missing = make_missing_address(has_slash=find_methods(path.rstrip("/")) is not None)
            return _refuse(form, missing, environ)(environ, start_response)
        function = methods.get(environ["REQUEST_METHOD"])
        if function is None:
            wrong = MethodNotAllowed(sorted(methods))
            return _refuse(form, wrong, environ)(environ, start_response)
        return function(environ, start_response)

    return app


def make_worker() -> App:
    """Make an application of every message function, at `/<its service's name>`."""
    apps = {
        f"/{function.service}": load_function(function) for function, _ in list_message_functions()
    }

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        found = apps.get(request.path)
        if found is None:
            return Response("no such function", status=404)(environ, start_response)
        environ["PATH_INFO"] = "/"
        return found(environ, start_response)

    return app


def _find_root(path: str) -> str:
    """Return the part of an address that tells its protocol: v1 or v2."""
    return path.split("/")[1] if "/" in path else ""


def _refuse(form: Form, error: AppError, environ: Environ) -> Response:
    """Return an error in the form in which the functions of that protocol answer."""
    request = FlaskRequest(environ)
    instance = read_request_id(request)
    response = to_error_response(form, error, instance)
    response.headers["X-Request-Id"] = instance
    add_origin_headers(response.headers, request, load_settings().cors_origins)
    return response
