"""Errors as RFC 9457 problems."""

import json
from typing import Any

from flask import Response

from shared.errors import AppError, Invalid, NotFound

MEDIA_TYPE = "application/problem+json"


def to_problem(error: AppError, request_id: str) -> Response:
    """Return the answer for an error: what happened, and where, if that is known."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": request_id,
    }
    if isinstance(error, Invalid) or (isinstance(error, NotFound) and error.errors):
        body["errors"] = error.errors
    return Response(
        json.dumps(body, ensure_ascii=False),
        status=error.status,
        headers=dict(error.headers),
        content_type=MEDIA_TYPE,
    )


class InternalError(AppError):
    """Something went wrong on our side. Try again; if it stays, report the instance id."""

    status = 500
    title = "Internal Server Error"
