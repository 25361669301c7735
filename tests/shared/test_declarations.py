"""Parameters that a handler's signature declares, and signatures that are refused."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.calls import Caller, Received, RequestInfo
from shared.declarations import (
    DeclarationError,
    get_name,
    read_http_parameters,
    read_message_parameters,
)
from shared.messaging.messages import ChunkReady, WorkSettled
from shared.messaging.outbox import Outbox, Publisher
from shared.operations import http, on
from shared.schemas.images import ImageQuery
from shared.schemas.kinds import ListQuery
from shared.schemas.projects import ProjectCreate
from shared.settings import Settings


@dataclass
class Prepared:
    """The value that a lease gives."""


def full(
    project_id: UUID,
    wanted: ProjectCreate,
    query: ListQuery,
    caller: Caller,
    info: RequestInfo,
    session: Session,
    outbox: Outbox,
    settings: Settings,
) -> None:
    """Take everything."""


def test_where_a_value_comes_from_follows_from_name_and_type() -> None:
    found = read_http_parameters(full, "/v1/projects/{project_id}/things")
    assert [(one.name, one.source) for one in found] == [
        ("project_id", "path"),
        ("wanted", "body"),
        ("query", "query"),
        *((name, "service") for name in ("caller", "info", "session", "outbox", "settings")),
    ]
    assert found[2].type is ListQuery


def test_a_messages_handler() -> None:
    def handle(ready: ChunkReady, received: Received, engine: Engine, out: Publisher) -> None:
        """Handle."""

    found = read_message_parameters(handle, ChunkReady)
    assert [one.source for one in found] == ["message", "service", "service", "service"]


def test_a_handler_with_a_lease_may_take_the_message_too() -> None:
    def handle(prepared: Prepared, ready: ChunkReady, session: Session) -> None:
        """Handle."""

    found = read_message_parameters(handle, ChunkReady, prepared=True)
    assert [one.source for one in found] == ["prepared", "message", "service"]


def _no_path_parameter(caller: Caller) -> None:
    """Forget the id."""


def _unknown_service(project_id: UUID, clock: dict[str, Any]) -> None:
    """Ask for what nobody has."""


def _received(project_id: UUID, received: Received) -> None:
    """Ask for a message."""


@pytest.mark.parametrize("handler", [_no_path_parameter, _unknown_service, _received])
def test_a_routes_signature_that_does_not_fit(handler: Any) -> None:
    with pytest.raises(DeclarationError):
        http("GET /v1/projects/{project_id}", handler)


def _nothing() -> None:
    """Take nothing."""


def _another_message(settled: WorkSettled) -> None:
    """Take another message."""


def _message_second(session: Session, ready: ChunkReady) -> None:
    """Take the message second."""


def _caller(ready: ChunkReady, caller: Caller) -> None:
    """Ask who calls."""


def _body(ready: ChunkReady, query: ImageQuery) -> None:
    """Ask for a query string."""


@pytest.mark.parametrize("handler", [_nothing, _another_message, _message_second, _caller, _body])
def test_a_messages_signature_that_does_not_fit(handler: Any) -> None:
    with pytest.raises(DeclarationError):
        on(ChunkReady, handler)


def test_a_lease_whose_signature_does_not_fit() -> None:
    def handle(prepared: Prepared) -> None:
        """Handle."""

    with pytest.raises(DeclarationError):
        on(ChunkReady, handle, prepare=_another_message)
    with pytest.raises(DeclarationError):
        on(ChunkReady, handle, prepare=_caller)


def test_a_name_follows_from_the_file() -> None:
    def handle() -> None:
        """Handle."""

    for module, name in (
        ("functions.images.get", "images_get"),
        ("functions.images.list_", "images_list"),
        ("functions.upkeep.sweep_stuck", "upkeep_sweep_stuck"),
    ):
        handle.__module__ = module
        assert get_name(handle) == name
