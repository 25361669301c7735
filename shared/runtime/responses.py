"""Responses: an error, a handler's result, or the recorded answer of an earlier request."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response
from pydantic import BaseModel

from shared.calls import Answer, Document, Redirect, Refused, RequestInfo
from shared.declarations import HttpOperation, get_name
from shared.errors import AppError
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


def to_replay(recorded: Recorded) -> Response:
    """Return the first answer to a request again."""
    again = (
        Response(status=recorded.status)
        if recorded.body is None
        else Response(
            json.dumps(recorded.body, ensure_ascii=False),
            status=recorded.status,
            content_type="application/json",
        )
    )
    again.headers[REPLAYED] = "true"
    return again


def to_response(operation: HttpOperation, result: Any, info: RequestInfo) -> Response:
    """Return the response to what a handler returned."""
    match result:
        case None:
            return Response(status=204)
        case Refused(error):
            return to_error_response(operation.errors, error, info.id)
        case Redirect(url):
            return Response(status=302, headers={"Location": url})
        case Document(content, media_type, headers):
            return Response(
                content,
                status=operation.status,
                headers=dict(headers),
                content_type=media_type,
            )
        case Answer(model, status, headers):
            return _to_json(model, status or operation.status, dict(headers))
        case BaseModel():
            return _to_json(result, operation.status, {})
    raise TypeError(f"{get_name(operation.handler)} returned {type(result).__name__}")


def _to_json(model: BaseModel, status: int, headers: dict[str, str]) -> Response:
    return Response(
        model.model_dump_json(by_alias=True),
        status=status,
        headers=headers,
        content_type="application/json",
    )
