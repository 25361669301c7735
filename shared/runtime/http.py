"""Answers a request: one transaction, problem+json for errors, one log line."""

import json
import logging
import time
from typing import Any
from uuid import UUID

from flask import Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from shared.answers import Answer, Document, Redirect, Refused
from shared.auth import authenticate
from shared.calls import Caller, RequestInfo, Sent
from shared.database import (
    UnknownOutcomeError,
    become,
    constraint,
    is_passing,
    may_repeat,
    sqlstate,
    transaction,
)
from shared.declarations import HttpOperation, name_of
from shared.errors import AppError, Conflict, Unavailable
from shared.logs import configure_logs, log_fields
from shared.models import ActivityLog
from shared.outbox import TRACE_ATTRIBUTE, Envelope, Outbox
from shared.runtime import idempotency
from shared.runtime.injection import provide
from shared.runtime.leaving import send_committed
from shared.runtime.problems import InternalError, problem
from shared.runtime.requests import arguments, credential, read_body, request_info, trace_id
from shared.services import services

log = logging.getLogger(__name__)

_TRIES = 3  # of a transaction that PostgreSQL says may succeed when repeated


def answer(operation: HttpOperation, request: Request) -> Response:
    """The response to one request. Never raises."""
    configure_logs()
    info = request_info(request, services().settings)
    name = name_of(operation.handler)
    started = time.perf_counter()
    with log_fields(
        function=name, request_id=info.id, trace=trace_id(info.traceparent), **_ids(request)
    ):
        try:
            response, leaving = _call_with_retries(operation, request, info)
            send_committed(leaving)
        except AppError as error:
            response = _problem(operation, error, info)
        except Exception:
            log.exception("unhandled error")
            response = _problem(operation, InternalError(), info)
        log.info(
            "%s %s %d",
            request.method,
            request.path,
            response.status_code,
            extra={
                "fields": {
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                }
            },
        )
    response.headers["X-Request-Id"] = info.id
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _problem(operation: HttpOperation, error: AppError, info: RequestInfo) -> Response:
    if operation.errors is None:
        return problem(error, info.id)
    said = operation.errors(error)
    headers = {**error.headers, **said.headers}
    return Response(said.content, error.status, headers, content_type=said.media_type)


def _ids(request: Request) -> dict[str, str]:
    """The job or resource that an address names, for the log."""
    parts = request.path.strip("/").split("/")
    return {"resource": f"{parts[1]}/{parts[2]}"} if len(parts) > 2 else {}


def _call_with_retries(
    operation: HttpOperation, request: Request, info: RequestInfo
) -> tuple[Response, list[Envelope]]:
    if operation.method != "GET":
        request.environ["pixmill.body"] = read_body(request, operation.max_body)
    for left in reversed(range(_TRIES)):
        try:
            return _call(operation, request, info)
        except PoolTimeout:
            raise Unavailable from None
        except UnknownOutcomeError as error:
            if left and operation.method == "GET":
                continue
            log.warning("the connection was lost while committing", exc_info=True)
            raise Unavailable(str(error)) from None
        except DBAPIError as error:
            if left and may_repeat(error):
                continue
            if is_passing(error):
                log.warning("the database did not answer", exc_info=True)
                raise Unavailable from None
            raise _as_conflict(error) from error
    raise AssertionError("unreachable")


def _as_conflict(error: DBAPIError) -> Exception:
    """What a broken constraint means to a caller, when the handler has not said it better."""
    code = sqlstate(error)
    if code == "23505":
        log.info("a row broke %s", constraint(error))
        return Conflict("It exists already.")
    if code == "23503":
        return Conflict("What this belongs to has been deleted meanwhile.")
    return error


def _call(
    operation: HttpOperation, request: Request, info: RequestInfo
) -> tuple[Response, list[Envelope]]:
    token = None if operation.public else credential(request)
    with transaction(services().engine) as session:
        caller = authenticate(session, token) if token is not None else None
        given = arguments(operation, request)
        if caller is not None:
            become(session, caller.id)
        attempt = (
            idempotency.attempt(
                request.headers.get(idempotency.HEADER),
                caller,
                name_of(operation.handler),
                request.path,
                request.environ.get("pixmill.body", b""),
            )
            if caller is not None and operation.method == "POST"
            else None
        )
        if attempt and (recorded := attempt.begin(session)):
            return _replayed(recorded), []
        outbox = Outbox(session, {TRACE_ATTRIBUTE: info.traceparent})
        of_the_call = {
            "sqlalchemy.orm.session.Session": session,
            "shared.outbox.Outbox": outbox,
            "shared.calls.Caller": caller,
            "shared.calls.RequestInfo": info,
            "shared.calls.Sent": Sent(
                {name.lower(): value for name, value in request.headers.items()},
                request.environ.get("pixmill.body", b""),
            ),
        }
        result = operation.handler(
            **{
                one.name: given[one.name] if one.name in given else provide(one, of_the_call)
                for one in operation.parameters
            }
        )
        response = _response(operation, result, info)
        if operation.action:
            _note_activity(session, operation.action, caller, given, result, info)
        if attempt and response.status_code < 300:
            body = None if operation.secret or not response.data else json.loads(response.data)
            attempt.record(session, response.status_code, body)
        return response, outbox.added


def _replayed(recorded: idempotency.Recorded) -> Response:
    response = (
        Response(status=recorded.status)
        if recorded.body is None
        else Response(
            json.dumps(recorded.body, ensure_ascii=False),
            status=recorded.status,
            content_type="application/json",
        )
    )
    response.headers[idempotency.REPLAYED] = "true"
    return response


def _response(operation: HttpOperation, result: Any, info: RequestInfo) -> Response:
    match result:
        case None:
            return Response(status=204)
        case Refused(error):
            return _problem(operation, error, info)
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
            return _json(model, status or operation.status, dict(headers))
        case BaseModel():
            return _json(result, operation.status, {})
    raise TypeError(f"{name_of(operation.handler)} returned {type(result).__name__}")


def _json(model: BaseModel, status: int, headers: dict[str, str]) -> Response:
    return Response(
        model.model_dump_json(by_alias=True),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _note_activity(
    session: Session,
    action: str,
    caller: Caller | None,
    given: dict[str, Any],
    result: Any,
    info: RequestInfo,
) -> None:
    model = result.model if isinstance(result, Answer) else result
    in_path = next((value for value in given.values() if isinstance(value, UUID)), None)
    user_id = caller.id if caller else getattr(result, "user_id", None)
    session.add(
        ActivityLog(
            user_id=user_id,
            action=f"{action}_refused" if isinstance(result, Refused) else action,
            resource_type=action.split(".")[0],
            resource_id=_text(getattr(model, "id", None) or in_path or user_id),
            ip_address=info.ip,
            user_agent=info.user_agent,
            metadata_={"request_id": info.id},
        )
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
