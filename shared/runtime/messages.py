"""Handles a delivery: claim, one transaction, acknowledge; or record why it cannot be done.

Delivery is at least once, in any order, perhaps twice at the same time. The handler's effect, its
outgoing messages and its claim commit together, so a second delivery finds the claim and does
nothing. Acknowledged is every 2xx; what fails for a passing reason is answered with 500, so that
Pub/Sub delivers it again, later and later, and in the end to the dead-letter topic.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Request, Response
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.calls import Received
from shared.database.transactions import transaction
from shared.declarations import MessageOperation, message_parameters, name_of
from shared.errors import AppError, BadRequest
from shared.failures import record_failure
from shared.logs import configure_logs, log_fields
from shared.messaging.deliveries import read_delivery
from shared.messaging.messages import Message
from shared.messaging.outbox import TRACE_ATTRIBUTE, Envelope, Outbox
from shared.models import DeadLetter, Delivery
from shared.runtime.attempts import Attempt
from shared.runtime.injection import values
from shared.runtime.leaving import send_committed
from shared.runtime.requests import trace_id
from shared.services import services

log = logging.getLogger(__name__)

ACKNOWLEDGED, AGAIN = 204, 500


class AlreadyHandledError(Exception):
    """Another delivery of this message has committed its effect."""


def receive(operation: MessageOperation, request: Request) -> Response:
    """Answers one push. Never raises."""
    configure_logs()
    name = name_of(operation.handler)
    try:
        received = read_delivery(request)
    except BadRequest as error:
        # Nothing that could be delivered again in a better shape, so it is acknowledged.
        log.error("%s got a push that it cannot read: %s", name, error.detail)
        return Response(status=ACKNOWLEDGED)
    started = time.perf_counter()
    with log_fields(
        function=name,
        message_id=received.id,
        attempt=str(received.attempt),
        trace=trace_id(received.attributes.get(TRACE_ATTRIBUTE)),
        **_ids(received.body),
    ):
        try:
            outcome = _handle(operation, name, received)
            status = ACKNOWLEDGED
        except AlreadyHandledError:
            outcome, status = "handled already", ACKNOWLEDGED
        except Exception:
            log.exception("failed; the message will come again")
            outcome, status = "failed", AGAIN
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.info("%s", outcome, extra={"fields": {"status": status, "ms": ms}})
    return Response(status=status)


def _ids(body: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in body.items() if key.endswith("_id") and value}


def _handle(operation: MessageOperation, name: str, received: Received) -> str:
    try:
        message = operation.message.model_validate(received.body)
    except ValidationError as error:
        reason = f"not a {operation.message.__name__}: {error.errors(include_input=False)}"
        _park(operation, name, received, reason)
        return "unreadable, kept as a dead letter"
    attempt = Attempt(name, message, received.id) if operation.tracked else None
    leaving: list[Envelope] = []
    try:
        return _run(operation, name, message, received, attempt, leaving)
    except AlreadyHandledError:
        raise
    except AppError as error:
        _record(name, message, error, received, attempt, leaving)
        return f"ended: {error.detail}"
    except Exception as error:
        if attempt:
            attempt.failed(services().engine, error)
        raise
    finally:
        send_committed(leaving)


def _run(
    operation: MessageOperation,
    name: str,
    message: Message,
    received: Received,
    attempt: Attempt | None,
    leaving: list[Envelope],
) -> str:
    """Runs the handler; `leaving` gets the messages of what was committed."""
    engine = services().engine
    prepared: Any = message
    if operation.prepare is not None:
        with transaction(engine) as session:
            outbox = Outbox(session, _trace(received))
            of_the_call = {Session: session, Outbox: outbox, Received: received}
            parameters = message_parameters(operation.prepare, operation.message)
            prepared = operation.prepare(**values(parameters, of_the_call, message=message))
        leaving += outbox.added
        if prepared is None:
            return "nothing to do"
    with transaction(engine, claim=claim(name, received.id)) as session:
        outbox = Outbox(session, _trace(received))
        of_the_call = {Session: session, Outbox: outbox, Received: received}
        taken = values(operation.parameters, of_the_call, message=message, prepared=prepared)
        failure = operation.handler(**taken)
        if attempt:
            # A handler may return why all of its work failed: that commits, as a failed attempt.
            attempt.completed(session, error=failure)
        session.connection()  # claims the message, where the handler wrote nothing
    leaving += outbox.added
    return "done"


def claim(function: str, message_id: str) -> Callable[[Connection], None]:
    """A check, made as the transaction begins, that no other delivery has been handled.

    A concurrent delivery waits here for the first one's commit (or takes over at its rollback).
    """

    def insert_claim(connection: Connection) -> None:
        claimed = connection.execute(
            insert(Delivery)
            .values(function=function, message_id=message_id)
            .on_conflict_do_nothing()
        )
        if claimed.rowcount == 0:
            raise AlreadyHandledError

    return insert_claim


def _trace(received: Received) -> dict[str, str]:
    value = received.attributes.get(TRACE_ATTRIBUTE)
    return {TRACE_ATTRIBUTE: value} if value else {}


def _record(
    name: str,
    message: Message,
    error: AppError,
    received: Received,
    attempt: Attempt | None,
    leaving: list[Envelope],
) -> None:
    """Writes a final failure onto the row that the message is about."""
    with transaction(services().engine, claim=claim(name, received.id)) as session:
        outbox = Outbox(session, _trace(received))
        record_failure(session, message, error.detail, outbox)
        if attempt:
            attempt.completed(session, error=error.detail)
    leaving += outbox.added


def _park(operation: MessageOperation, name: str, received: Received, reason: str) -> None:
    log.error("%s", reason)
    with transaction(services().engine, claim=claim(name, received.id)) as session:
        session.add(
            DeadLetter(
                topic=operation.message.topic,
                subscription=received.subscription,
                function=name,
                message=received.body,
                attributes=received.attributes,
                reason=reason[:2000],
                delivery_attempts=received.attempt,
            )
        )
