"""Responses: an error, a handler's result, or the recorded answer of an earlier request."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flask import Request, Response
from pydantic import BaseModel

from shared.calls import Answer, Document, Done, JsonText, Redirect, Refused, RequestInfo
from shared.declarations import HttpOperation, get_name
from shared.errors import AppError
from shared.runtime.etags import has_tag, make_tag
from shared.runtime.idempotency import REPLAYED, Recorded
from shared.runtime.problems import to_problem


def to_error_response(
    form: Callable[[AppError], Document] | None, error: AppError, instance: str
) -> Response:
    """Return an error in the form that the route's protocol has for it; else as a problem."""
    if form is None:
        return to_problem(error, instance)
    said = form(error)
    headers = {**error.headers, **said.headers}
    return Response(said.content, error.status, headers, content_type=said.media_type)


def to_replay(operation: HttpOperation, recorded: Recorded) -> Response:
    """Return the first answer to a request again."""
    again = (
        to_empty(recorded.status)
        if recorded.body is None
        else Response(
            json.dumps(recorded.body, ensure_ascii=False),
            status=recorded.status,
            content_type="application/json",
        )
    )
    again.headers[REPLAYED] = "true"
    if operation.location and isinstance(recorded.body, dict):
        again.headers["Location"] = operation.location.format_map(recorded.body)
    return again


def to_empty(status: int, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Return a response without content, and so without a type of it."""
    response = Response(status=status, headers=dict(headers))
    del response.headers["Content-Type"]
    return response


def to_response(operation: HttpOperation, result: Any, info: RequestInfo) -> Response:
    """Return the response to what a handler returned."""
    match result:
        case None:
            return to_empty(204)
        case Done(cookies):
            return _set_cookies(to_empty(204), cookies)
        case Refused(error):
            return to_error_response(operation.errors, error, info.id)
        case Redirect(url):
            return to_empty(302, {"Location": url})
        case Document(content, media_type, headers):
            response = Response(
                content,
                status=operation.status,
                headers=dict(headers),
                content_type=media_type,
            )
            _add_tag(operation, response, None)
            return response
        case Answer(model, status, headers):
            answer = _to_json(operation, model, status or operation.status, dict(headers))
            return _set_cookies(answer, result.cookies)
        case JsonText(content):
            response = Response(content, status=operation.status, content_type="application/json")
            _add_tag(operation, response, None)
            return response
        case BaseModel():
            return _to_json(operation, result, operation.status, {})
    raise TypeError(f"{get_name(operation.handler)} returned {type(result).__name__}")


def _to_json(
    operation: HttpOperation, model: BaseModel, status: int, headers: dict[str, str]
) -> Response:
    if operation.location:
        headers["Location"] = operation.location.format_map(vars(model))
    response = Response(
        model.model_dump_json(by_alias=True),
        status=status,
        headers=headers,
        content_type="application/json",
    )
    _add_tag(operation, response, model)
    return response


def _set_cookies(response: Response, cookies: tuple[str, ...]) -> Response:
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def _add_tag(operation: HttpOperation, response: Response, model: BaseModel | None) -> None:
    """Give an answer that shows what is at the address its entity tag."""
    if operation.method in ("GET", "PATCH") and response.status_code == 200:
        response.set_etag(make_tag(model, response.data))


def to_unchanged(request: Request, response: Response) -> Response:
    """Return 304 in the place of an answer that the client says it has."""
    tag, _ = response.get_etag()
    if request.method not in ("GET", "HEAD") or not tag:
        return response
    if not has_tag(request.headers.get("If-None-Match"), tag):
        return response
    kept = {name: value for name, value in response.headers if name in ("ETag", "Cache-Control")}
    return to_empty(304, kept)
