"""Handle a push: claim, one transaction, acknowledge; or record why it cannot be done.

Delivery is at least once, in any order, perhaps twice at the same time. The handler's effect, its
outgoing messages and its claim commit together, so a second delivery finds the claim and does
nothing. Acknowledged is every 2xx; what fails for a passing reason is answered with 500, so that
Pub/Sub delivers it again, later and later, and in the end to the dead-letter topic.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.calls import Received
from shared.declarations import MessageOperation, get_name, read_message_parameters
from shared.errors import AppError, BadRequest
from shared.logs import add_log_fields, configure_logs
from shared.messaging.deliveries import read_delivery
from shared.messaging.messages import Message
from shared.messaging.outbox import TRACE_ATTRIBUTE, Outbox
from shared.models import DeadLetter, Delivery
from shared.runtime.attempts import Attempt
from shared.runtime.injection import fill_parameters
from shared.runtime.requests import parse_trace_id
from shared.runtime.unit_of_work import pass_slot_on, unit_of_work
from shared.services import services
from shared.subjects import record_failure

log = logging.getLogger(__name__)

ACKNOWLEDGED, AGAIN = 204, 500


class AlreadyHandledError(Exception):
    """Another delivery of this message has committed its effect."""


def receive_push(operation: MessageOperation, request: Request) -> Response:
    """Answer one push. Never raises."""
    configure_logs()
    name = get_name(operation.handler)
    try:
        received = read_delivery(request)
    except BadRequest as error:
        # Nothing that could be delivered again in a better shape, so it is acknowledged.
        log.error("%s got a push that it cannot read: %s", name, error.detail)
        return Response(status=ACKNOWLEDGED)
    started = time.perf_counter()
    with add_log_fields(
        function=name,
        message_id=received.id,
        attempt=str(received.attempt),
        trace=parse_trace_id(received.attributes.get(TRACE_ATTRIBUTE)),
        **_read_ids(received.body),
    ):
        try:
            outcome = _handle(_Push(operation, name, received))
            status = ACKNOWLEDGED
        except AlreadyHandledError:
            outcome, status = "handled already", ACKNOWLEDGED
        except Exception:
            log.exception("failed; the message will come again")
            outcome, status = "failed", AGAIN
        if status == ACKNOWLEDGED and operation.message.slots:
            pass_slot_on(operation.message.topic, received.id)
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.info("%s", outcome, extra={"fields": {"status": status, "ms": ms}})
    return Response(status=status)


def _read_ids(body: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in body.items() if key.endswith("_id") and value}


@dataclass(frozen=True)
class _Push:
    """One push of a message to one function."""

    operation: MessageOperation
    function: str
    received: Received

    @contextmanager
    def claim(self) -> Iterator[tuple[Session, Outbox]]:
        """Yield a unit of work that commits together with the claim of this message.

        Another delivery waits for it meanwhile, and takes over where it rolls back. Raises
        `AlreadyHandledError` when another delivery has been handled.
        """
        with self.begin(on_begin=self._insert_claim) as (session, outbox):
            yield session, outbox
            session.connection()  # claims the message where the block wrote nothing

    def begin(
        self, on_begin: Callable[[Connection], None] | None = None
    ) -> AbstractContextManager[tuple[Session, Outbox]]:
        """Return a unit of work within the trace that the message belongs to."""
        return unit_of_work(self.received.attributes.get(TRACE_ATTRIBUTE), on_begin=on_begin)

    def provide(self, session: Session, outbox: Outbox) -> dict[type, Any]:
        """Return what handlers may ask for of this push, by type."""
        return {Session: session, Outbox: outbox, Received: self.received}

    def _insert_claim(self, connection: Connection) -> None:
        claimed = connection.execute(
            insert(Delivery)
            .values(function=self.function, message_id=self.received.id)
            .on_conflict_do_nothing()
        )
        if claimed.rowcount == 0:
            raise AlreadyHandledError


def _handle(push: _Push) -> str:
    operation, received = push.operation, push.received
    try:
        message = operation.message.model_validate(received.body)
    except ValidationError as error:
        reason = f"not a {operation.message.__name__}: {error.errors(include_input=False)}"
        _park(push, reason)
        return "unreadable, kept as a dead letter"
    attempt = Attempt(push.function, message, received.id) if operation.tracked else None
    try:
        return _run(push, message, attempt)
    except AlreadyHandledError:
        raise
    except AppError as error:
        with push.claim() as (session, outbox):
            record_failure(session, message, error.detail, outbox)
            if attempt:
                attempt.record(session, error=error.detail)
        return f"ended: {error.detail}"
    except Exception as error:
        if attempt:
            attempt.record_passing_failure(services().engine, error)
        raise


def _run(push: _Push, message: Message, attempt: Attempt | None) -> str:
    """Run the handler, after what prepares its work."""
    operation = push.operation
    prepared: Any = message
    if operation.prepare is not None:
        with push.begin() as (session, outbox):
            parameters = read_message_parameters(operation.prepare, operation.message)
            given = fill_parameters(parameters, push.provide(session, outbox), message=message)
            prepared = operation.prepare(**given)
        if prepared is None:
            return "nothing to do"
    with push.claim() as (session, outbox):
        of_the_call = push.provide(session, outbox)
        given = fill_parameters(
            operation.parameters, of_the_call, message=message, prepared=prepared
        )
        failure = operation.handler(**given)
        if attempt:
            # A handler may return why all of its work failed: that commits, as a failed attempt.
            attempt.record(session, error=failure)
    return "done"


def _park(push: _Push, reason: str) -> None:
    """Keep an unreadable message as a dead letter."""
    log.error("%s", reason)
    received = push.received
    with push.claim() as (session, _):
        session.add(
            DeadLetter(
                topic=push.operation.message.topic,
                subscription=received.subscription,
                function=push.function,
                message=received.body,
                attributes=received.attributes,
                reason=reason[:2000],
                delivery_attempts=received.attempt,
            )
        )
