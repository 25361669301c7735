"""Answer a request: one transaction, or two around slow work; errors as problems; one log line."""

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

from shared.accounts.cookies import read_cookies
from shared.accounts.credentials import authenticate
from shared.accounts.forgery import check_cookie_call, check_site
from shared.calls import (
    Answer,
    Caller,
    Document,
    Done,
    Precondition,
    Redirect,
    Refused,
    RequestInfo,
    Sent,
    SessionCookies,
)
from shared.database.transactions import (
    UnknownOutcomeError,
    can_repeat,
    get_constraint,
    get_sqlstate,
    is_transient,
    set_caller,
    transaction,
)
from shared.declarations import HttpOperation, get_name, read_http_parameters
from shared.errors import AppError, Conflict, Unauthorized, Unavailable
from shared.logs import add_log_fields, configure_logs
from shared.messaging.outbox import Outbox
from shared.runtime.activity import log_activity
from shared.runtime.call_limits import begin_counted_call
from shared.runtime.cors import add_origin_headers
from shared.runtime.encodings import compress
from shared.runtime.etags import read_precondition
from shared.runtime.idempotency import HEADER, RepeatableRequest, read_key
from shared.runtime.injection import fill_parameters
from shared.runtime.problems import InternalError
from shared.runtime.requests import (
    drain_body,
    parse_trace_id,
    read_arguments,
    read_body,
    read_credential,
    read_request_info,
)
from shared.runtime.responses import to_error_response, to_replay, to_response, to_unchanged
from shared.runtime.unit_of_work import unit_of_work
from shared.runtime.waiting import AwaitedJob, find_awaited_job, wait_for_end
from shared.services import services

log = logging.getLogger(__name__)

_ANSWERS = (
    Answer,
    Document,
    Done,
    Redirect,
    Refused,
)  # what `prepare` returns to end a call at once
_TRIES = 3  # of a transaction that PostgreSQL says may succeed when repeated


def answer_request(operation: HttpOperation, request: Request) -> Response:
    """Answer one request. Never raises."""
    configure_logs()
    info = read_request_info(request, services().settings)
    name = get_name(operation.handler)
    started = time.perf_counter()
    with add_log_fields(
        function=name,
        request_id=info.id,
        trace=parse_trace_id(info.traceparent),
        **_read_ids(request),
    ):
        counted = begin_counted_call(operation, request, info)
        try:
            counted.count()
            response = _answer(operation, request, info)
        except Unauthorized as error:
            answer = counted.blame_address(error)
            response = to_error_response(operation.errors, answer, info.id)
        except AppError as error:
            response = to_error_response(operation.errors, error, info.id)
        except Exception:
            log.exception("unhandled error")
            response = to_error_response(operation.errors, InternalError(), info.id)
        drain_body(request)
        counted.report()
        response = to_unchanged(request, response)
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
    counted.add_headers(response.headers)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    add_origin_headers(response.headers, request, services().settings.cors_origins)
    if not operation.secret:  # whose length would tell of it, where part of the answer is chosen
        compress(request, response)
    return response


def _read_ids(request: Request) -> dict[str, str]:
    """Return the job or resource that an address names, for the log."""
    parts = request.path.strip("/").split("/")
    return {"resource": f"{parts[1]}/{parts[2]}"} if len(parts) > 2 else {}


def _answer(operation: HttpOperation, request: Request, info: RequestInfo) -> Response:
    sent = _read_sent(operation, request)
    response, job = _call_with_retries(operation, request, info, sent)
    if job is not None and wait_for_end(job):
        response, _ = _call_with_retries(operation, request, info, sent)
    return response


def _call_with_retries(
    operation: HttpOperation, request: Request, info: RequestInfo, sent: Sent
) -> tuple[Response, AwaitedJob | None]:
    """Return the response, and the job that it shows where the request waits for its end."""
    for left in reversed(range(_TRIES)):
        try:
            return _run_first_step(operation, request, info, sent)
        except PoolTimeout:
            raise Unavailable from None
        except UnknownOutcomeError as error:
            if left and operation.method == "GET":
                continue
            log.warning("the connection was lost while committing", exc_info=True)
            raise Unavailable(str(error)) from None
        except DBAPIError as error:
            if left and can_repeat(error):
                continue
            if is_transient(error):
                log.warning("the database did not answer", exc_info=True)
                raise Unavailable from None
            raise _to_conflict(error) from error
    raise AssertionError("unreachable")


def _to_conflict(error: DBAPIError) -> Exception:
    """Return what a broken constraint means to a caller, when the handler has not said it."""
    code = get_sqlstate(error)
    if code == "23505":
        log.info("a row broke %s", get_constraint(error))
        return Conflict("It exists already.")
    if code == "42501":  # row security: no such owner any more, or a mistake of ours
        log.warning("row security refused a row", exc_info=error)
    if code in ("23503", "42501"):
        return Conflict("What this belongs to has been deleted meanwhile.")
    return error


def _run_first_step(
    operation: HttpOperation, request: Request, info: RequestInfo, sent: Sent
) -> tuple[Response, AwaitedJob | None]:
    """Run an operation in its one transaction, or its first of two."""
    token = _read_token(operation, request)
    with unit_of_work(info.traceparent) as (session, outbox):
        caller = authenticate(session, token) if token is not None else None
        call = _Call(operation, info, caller, read_arguments(operation, request, sent.body), sent)
        if caller is not None:
            set_caller(session, caller.id)
            call.repeatable = _find_repeatable(operation, request.path, sent, caller)
        if call.repeatable and (recorded := call.repeatable.begin(session)):
            return to_replay(operation, recorded), None
        result = call.run(operation.prepare or operation.handler, session, outbox)
        goes_on = operation.prepare is not None and not isinstance(result, _ANSWERS)
        if not goes_on:
            response = call.respond(session, result)
        elif call.repeatable:
            call.repeatable.mark_running(session, operation.terms.timeout)
    if goes_on:
        return _run_second_step(call, result), None
    return response, find_awaited_job(operation, caller, call.given, result)


def _read_token(operation: HttpOperation, request: Request) -> str | None:
    """Return the caller's token or key; None where the operation needs none."""
    if not operation.public:
        return read_credential(request)
    if operation.takes_cookies:
        # Its POSTs open or prolong a session, and do nothing else that anybody could want.
        if request.method == "POST":
            check_site(request.headers)
        else:
            check_cookie_call(request.method, request.headers)
    return None


def _run_second_step(call: "_Call", prepared: Any) -> Response:
    """Run the second step: no connection while it works, and one transaction at its end."""
    try:
        with unit_of_work(call.info.traceparent, on_begin=call.set_caller) as (session, outbox):
            result = call.run(call.operation.handler, session, outbox, prepared)
            return call.respond(session, result)
    except BaseException:
        _release_key(call)
        raise


def _release_key(call: "_Call") -> None:
    """Free the idempotency key of a request that failed, so that it can be tried again at once.

    A key that stays held is free when the time that its function may take is over.
    """
    if call.repeatable is None:
        return
    try:
        with transaction(services().engine, on_begin=call.set_caller) as session:
            call.repeatable.release(session)
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
    repeatable: RepeatableRequest | None = None

    def set_caller(self, connection: Connection) -> None:
        """Make a transaction run as the caller."""
        if self.caller is not None:
            set_caller(connection, self.caller.id)

    def run(
        self,
        step: Callable[..., Any],
        session: Session,
        outbox: Outbox,
        prepared: Any = None,
    ) -> Any:
        """Return what a step returns."""
        of_the_call = {
            Session: session,
            Outbox: outbox,
            Caller: self.caller,
            RequestInfo: self.info,
            Sent: self.sent,
            SessionCookies: read_cookies(self.sent.headers.get("cookie")),
            Precondition: read_precondition(self.sent.headers.get("if-match")),
        }
        follows = self.operation.prepare is not None and step is self.operation.handler
        parameters = read_http_parameters(step, self.operation.path, prepared=follows)
        return step(**fill_parameters(parameters, of_the_call, given=self.given, prepared=prepared))

    def respond(self, session: Session, result: Any) -> Response:
        """Turn a result into the response, recorded in the same transaction where asked for."""
        operation = self.operation
        response = to_response(operation, result, self.info)
        if operation.action:
            log_activity(session, operation.action, self.caller, self.given, result, self.info)
        if self.repeatable:
            # What failed is done afresh, and bytes are not kept: the log of predictions has them.
            if response.status_code < 300 and (not response.data or response.is_json):
                body = None if operation.secret or not response.data else response.get_json()
                self.repeatable.record(session, response.status_code, body)
            else:
                self.repeatable.release(session)
        return response


def _find_repeatable(
    operation: HttpOperation, path: str, sent: Sent, caller: Caller
) -> RepeatableRequest | None:
    if operation.method != "POST":
        return None
    key = sent.headers.get(HEADER.lower())
    return read_key(key, caller, get_name(operation.handler), path, sent.body)


def _read_sent(operation: HttpOperation, request: Request) -> Sent:
    """Return the request with its body, read once however often the transaction is tried."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if operation.method == "GET":
        return Sent(headers, b"")
    return Sent(headers, read_body(request, operation.max_body, operation.if_larger))
