"""Nobody sees or changes what belongs to somebody else, on any route."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.accounts.sessions import issue_tokens
from shared.database.transactions import set_caller, transaction
from shared.declarations import HttpOperation, Parameter
from shared.operations.discovery import list_http_functions
from shared.queries import visible
from shared.schemas.analyses import AnalysisCreate
from shared.schemas.models import AliasSet, ModelUpdate
from shared.schemas.predictions import PredictionCreate
from shared.schemas.webhooks import WebhookUpdate
from shared.services import services
from tests.harness import Person, System
from tests.migrations.tenants import Tenant, tenant
from tests.shared.schemas.bodies import BODIES

ROUTES = [(function.name, operation) for function, operation in list_http_functions()]
VALID: dict[Any, Any] = {
    AnalysisCreate: {"analyzer": "basic"},
    AliasSet: {"version": 1},
    ModelUpdate: {"description": "changed"},
    PredictionCreate: {"inputs": {"x": [1]}},
    WebhookUpdate: {"is_active": False},
} | dict(reversed(BODIES))
# Path parameters that are no ids but names among the caller's own; as `tenant` names its model.
NAMES = {"name": "m", "version": "1", "alias": "production"}
# Tables of ids that are not called by them, as a route takes two.
TABLES = {
    "before_id": "versions",
    "after_id": "versions",
    "schedule_id": "crawl_schedules",
    "delivery_id": "webhook_deliveries",
}
_READS = ("select", "session.get", "session.get_one")


@pytest.fixture
def owner(system: System, engine: Engine) -> Tenant:
    """Somebody who has a row in every table."""
    with engine.begin() as connection:
        return tenant(connection, "owner@example.com")


def address(operation: HttpOperation, owner: Tenant) -> str:
    """Return the route's path to rows of the owner."""
    values = dict(NAMES)
    for parameter in operation.parameters:
        if parameter.source == "path" and parameter.name not in NAMES:
            table = TABLES.get(parameter.name, f"{parameter.name.removesuffix('_id')}s")
            assert table in owner.keys, f"no row for {{{parameter.name}}} in {operation.path}"
            values[parameter.name] = str(owner.keys[table][0])
    return operation.path.format_map(values)


def body(parameters: tuple[Parameter, ...]) -> Any:
    """Return a valid body for a route that takes one."""
    kind = next((one.type for one in parameters if one.source == "body"), None)
    assert kind is None or kind in VALID, f"add a body for {kind} to tests/shared/schemas/bodies.py"
    return VALID.get(kind)


def contents(engine: Engine) -> dict[str, str]:
    """Return a digest of every table but the one that counts calls, those of strangers too."""
    with engine.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename <> 'call_counts'"
            )
        ).all()
        digests = " UNION ALL ".join(
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
            f" FROM {table} t"
            for table in tables
        )
        return {row[0]: row[1] for row in connection.execute(text(digests))}


def of_somebody() -> Iterator[tuple[str, HttpOperation]]:
    """Yield the routes whose path names a row that has to be there."""
    for name, operation in ROUTES:
        removes_a_name = operation.method == "DELETE" and "{name}" in operation.path
        if not operation.public and "{" in operation.path and not removes_a_name:
            yield name, operation


def test_a_stranger_finds_nothing_and_changes_nothing(
    system: System, engine: Engine, owner: Tenant, subtests: pytest.Subtests
) -> None:
    stranger = system.person()
    for name, operation in of_somebody():
        before = contents(engine)
        with subtests.test(name):
            sent = body(operation.parameters)
            response = stranger.request(operation.method, address(operation, owner), sent)
            assert response.status_code == 404
            assert contents(engine) == before


def test_a_name_is_removed_among_ones_own_only(
    system: System, engine: Engine, owner: Tenant
) -> None:
    stranger = system.person()
    before = contents(engine)
    for _, operation in ROUTES:
        if operation.method == "DELETE" and "{name}" in operation.path:
            stranger.request("DELETE", address(operation, owner))
    after = contents(engine)
    assert {table for table in before if before[table] != after[table]} <= {"activity_logs"}


def test_row_security_alone_hides_what_a_query_forgets_to(
    system: System,
    engine: Engine,
    owner: Tenant,
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The functions take the caller for the owner; only the database knows who it is."""
    stranger = system.person()
    with transaction(services().engine) as session:
        token = issue_tokens(session, services().settings, owner.id, uuid4()).access_token
    caller = Person(system.client, owner.id, "owner@example.com", token, "")

    def become_the_stranger(session: Session, _: UUID) -> None:
        set_caller(session, stranger.id)

    monkeypatch.setattr("shared.runtime.http.set_caller", become_the_stranger)
    for name, operation in of_somebody():
        before = contents(engine)
        with subtests.test(name):
            sent = body(operation.parameters)
            response = caller.request(operation.method, address(operation, owner), sent)
            assert response.status_code == 404
            assert contents(engine) == before
    for name, operation in ROUTES:
        lists = operation.method == "GET" and "Page[" in str(operation.answers)
        if lists and "{" not in operation.path:
            with subtests.test(name):
                assert caller.get(operation.path)["items"] == []


@pytest.mark.parametrize(("name", "operation"), list(of_somebody()))
def test_an_id_from_a_path_goes_through_a_visible_query(
    name: str, operation: HttpOperation
) -> None:
    """A handler hands the id to `visible_…(…)`, or compares it in a query that begins with one.

    What it reads next goes by the row that it got. So nobody has to remember the owner. A name,
    which several people may have given, goes together with the caller.
    """
    ids = {one.name for one in operation.parameters if one.source == "path"}
    is_name = ids <= set(NAMES)
    ids -= {"version", "alias"}  # which of the rows that the name leads to
    handler = _source(operation)
    guarded = {
        id(node)
        for call in ast.walk(handler)
        if isinstance(call, ast.Call)
        and (_begins_visible(call) or (is_name and _names_the_caller(call)))
        for node in ast.walk(call)
    }
    uses = [
        node
        for node in ast.walk(handler)
        if isinstance(node, ast.Name) and node.id in ids and isinstance(node.ctx, ast.Load)
    ]
    assert uses, f"{name} does not use what its path names"
    for node in uses:
        assert id(node) in guarded, f"{name}, line {node.lineno}: {node.id} is not checked"


def _begins_visible(call: ast.expr) -> bool:
    """Return whether a call is `visible_…(…)`, or a method on what such a call returned."""
    while isinstance(call, ast.Call | ast.Attribute):
        call = call.func if isinstance(call, ast.Call) else call.value
    return isinstance(call, ast.Name) and call.id.startswith("visible_")


def _names_the_caller(call: ast.Call) -> bool:
    """Return whether a query or a call of one goes by who asks."""
    return any(isinstance(node, ast.Name) and node.id == "caller" for node in ast.walk(call))


def test_the_rule_finds_what_it_is_for() -> None:
    checked = ast.parse("visible_images(caller).where(Image.id == image_id).limit(1)").body[0]
    forgotten = ast.parse("session.get(Image, image_id)").body[0]
    assert isinstance(checked, ast.Expr)
    assert isinstance(forgotten, ast.Expr)
    assert _begins_visible(checked.value)
    assert not _begins_visible(forgotten.value)


@pytest.mark.parametrize(("name", "operation"), ROUTES)
def test_rows_are_read_through_a_visible_query(name: str, operation: HttpOperation) -> None:
    """Handlers read a table only by its `visible_…` query, if there is one."""
    guarded = {row for _, row in _reads(ast.parse(inspect.getsource(visible)))}
    assert {"Project", "CrawlJob", "Image", "ActivityLog"} <= guarded
    for line, row in _reads(_source(operation)):
        assert row not in guarded, f"{name}, line {line}: read {row} through visible_…"


def _reads(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of what is read as whole rows: `select(Image)`, `session.get(Image, …)`."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in _READS:
            for argument in call.args:
                if isinstance(argument, ast.Name):
                    yield call.lineno, argument.id


def _source(operation: HttpOperation) -> ast.Module:
    return ast.parse(Path(inspect.getfile(operation.handler)).read_text())
