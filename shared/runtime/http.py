"""Answers a request: one transaction, or two around slow work; errors as problems; one log line."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from shared.accounts.credentials import authenticate
from shared.calls import Answer, Caller, Document, Redirect, Refused, RequestInfo, Sent
from shared.database.transactions import (
    UnknownOutcomeError,
    become,
    constraint,
    is_passing,
    may_repeat,
    sqlstate,
    transaction,
)
from shared.declarations import HttpOperation, http_parameters, name_of
from shared.errors import AppError, Conflict, Unavailable
from shared.logs import configure_logs, log_fields
from shared.messaging.outbox import TRACE_ATTRIBUTE, Envelope, Outbox
from shared.runtime import idempotency
from shared.runtime.activity import note_activity
from shared.runtime.injection import values
from shared.runtime.leaving import send_committed
from shared.runtime.problems import InternalError
from shared.runtime.requests import (
    arguments,
    credential,
    let_go,
    read_body,
    request_info,
    trace_id,
)
from shared.runtime.responses import refusal, replayed, returned
from shared.services import services

log = logging.getLogger(__name__)

_ANSWERS = (Answer, Document, Redirect, Refused)  # what `prepare` returns to end a call at once
_TRIES = 3  # of a transaction that PostgreSQL says may succeed when repeated


def answer(operation: HttpOperation, request: Request) -> Response:
    """The response to one request. Never raises."""
    configure_logs()
    info = request_info(request, services().settings)
    name = name_of(operation.handler)
    started = time.perf_counter()
    leaving: list[Envelope] = []
    with log_fields(
        function=name, request_id=info.id, trace=trace_id(info.traceparent), **_ids(request)
    ):
        try:
            response = _call_with_retries(operation, request, info, leaving)
        except AppError as error:
            response = refusal(operation.errors, error, info.id)
        except Exception:
            log.exception("unhandled error")
            response = refusal(operation.errors, InternalError(), info.id)
        send_committed(leaving)
        let_go(request)
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


def _ids(request: Request) -> dict[str, str]:
    """The job or resource that an address names, for the log."""
    parts = request.path.strip("/").split("/")
    return {"resource": f"{parts[1]}/{parts[2]}"} if len(parts) > 2 else {}


def _call_with_retries(
    operation: HttpOperation, request: Request, info: RequestInfo, leaving: list[Envelope]
) -> Response:
    sent = _sent(operation, request)
    for left in reversed(range(_TRIES)):
        try:
            return _call(operation, request, info, sent, leaving)
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
    if code == "42501":  # row security: no such owner any more, or a mistake of ours
        log.warning("row security refused a row", exc_info=error)
    if code in ("23503", "42501"):
        return Conflict("What this belongs to has been deleted meanwhile.")
    return error


def _call(
    operation: HttpOperation,
    request: Request,
    info: RequestInfo,
    sent: Sent,
    leaving: list[Envelope],
) -> Response:
    """Runs an operation in its one transaction, or two; `leaving` gets what was committed."""
    token = None if operation.public else credential(request)
    with transaction(services().engine) as session:
        caller = authenticate(session, token) if token is not None else None
        call = _Call(operation, info, caller, arguments(operation, request, sent.body), sent)
        if caller is not None:
            become(session, caller.id)
            call.attempt = _attempt(operation, request.path, sent, caller)
        if call.attempt and (recorded := call.attempt.begin(session)):
            return replayed(recorded)
        outbox = Outbox(session, {TRACE_ATTRIBUTE: info.traceparent})
        result = call.run(operation.prepare or operation.handler, session, outbox)
        goes_on = operation.prepare is not None and not isinstance(result, _ANSWERS)
        if not goes_on:
            response = call.answered(session, result)
        elif call.attempt:
            call.attempt.hold(session, operation.terms.timeout)
    leaving += outbox.added
    return _work(call, result, leaving) if goes_on else response


def _work(call: "_Call", prepared: Any, leaving: list[Envelope]) -> Response:
    """The second step: no connection while it works, and one transaction at its end."""
    engine = services().engine
    try:
        with transaction(engine, claim=call.become) as session:
            outbox = Outbox(session, {TRACE_ATTRIBUTE: call.info.traceparent})
            result = call.run(call.operation.handler, session, outbox, prepared)
            response = call.answered(session, result)
    except BaseException:
        _release(call)
        raise
    leaving += outbox.added
    return response


def _release(call: "_Call") -> None:
    """Lets a request that failed be tried again under its key; else that is so after its time."""
    if call.attempt is None:
        return
    try:
        with transaction(services().engine, claim=call.become) as session:
            call.attempt.release(session)
    except Exception:
        log.warning("an idempotency key stays held", exc_info=True)


@dataclass
class _Call:
    """A request on its way through the steps of its operation."""

    operation: HttpOperation
    info: RequestInfo
    caller: Caller | None
    given: dict[str, Any]
    sent: Sent
    attempt: idempotency.Attempt | None = None

    def become(self, connection: Connection) -> None:
        """Makes a transaction run as the caller."""
        if self.caller is not None:
            become(connection, self.caller.id)

    def run(
        self,
        step: Callable[..., Any],
        session: Session,
        outbox: Outbox,
        prepared: Any = None,
    ) -> Any:
        """What a step returns."""
        of_the_call = {
            Session: session,
            Outbox: outbox,
            Caller: self.caller,
            RequestInfo: self.info,
            Sent: self.sent,
        }
        follows = self.operation.prepare is not None and step is self.operation.handler
        parameters = http_parameters(step, self.operation.path, prepared=follows)
        return step(**values(parameters, of_the_call, given=self.given, prepared=prepared))

    def answered(self, session: Session, result: Any) -> Response:
        """The answer, written down where that is asked for in the transaction that it ends."""
        operation = self.operation
        answer = returned(operation, result, self.info)
        if operation.action:
            note_activity(session, operation.action, self.caller, self.given, result, self.info)
        if self.attempt:
            # What failed is done afresh, and bytes are not kept: the log of predictions has them.
            if answer.status_code < 300 and (not answer.data or answer.is_json):
                body = None if operation.secret or not answer.data else answer.get_json()
                self.attempt.record(session, answer.status_code, body)
            else:
                self.attempt.release(session)
        return answer


def _attempt(
    operation: HttpOperation, path: str, sent: Sent, caller: Caller
) -> idempotency.Attempt | None:
    if operation.method != "POST":
        return None
    key = sent.headers.get(idempotency.HEADER.lower())
    return idempotency.attempt(key, caller, name_of(operation.handler), path, sent.body)


def _sent(operation: HttpOperation, request: Request) -> Sent:
    """The request with its body, read once however often the transaction is tried."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if operation.method == "GET":
        return Sent(headers, b"")
    return Sent(headers, read_body(request, operation.max_body, operation.if_larger))
