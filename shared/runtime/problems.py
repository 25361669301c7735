"""Errors as RFC 9457 problems."""

import json
from typing import Any

from flask import Response

from shared.errors import AppError, Invalid

MEDIA_TYPE = "application/problem+json"


def to_problem(error: AppError, request_id: str) -> Response:
    """Return the answer for an error: what happened, and for a 422 where."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": request_id,
    }
    if isinstance(error, Invalid):
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
