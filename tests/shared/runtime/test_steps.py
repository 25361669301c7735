"""Routes of two steps: a transaction to prepare, none while working, one at the end."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from flask import Request, Response
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from shared.calls import Caller, Refused
from shared.declarations import DeclarationError
from shared.errors import Conflict
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import ActivityLog, IdempotencyKey, Project
from shared.models.base import new_id
from shared.operations import http
from shared.schemas.kinds import Read
from shared.schemas.projects import ProjectCreate
from shared.services import services
from tests.harness import Person, System

KEY = {"Idempotency-Key": "slow-1"}


@dataclass
class StepPlan:
    """Instructions for the steps below, and their observations."""

    during: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    refuse: bool = False
    prepared: list[str] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


class Made(Read):
    """The answer of the last step."""

    id: UUID
    name: str


@dataclass
class Begun:
    """The value that the first step hands on."""

    name: str


@pytest.fixture
def plan() -> StepPlan:
    """Return what the steps of this test do."""
    global _plan
    _plan = StepPlan()
    return _plan


_plan = StepPlan()


def prepare(
    wanted: ProjectCreate, caller: Caller, session: Session, outbox: Outbox
) -> Begun | Refused:
    _plan.prepared.append(wanted.name)
    session.add(Project(user_id=caller.id, name=f"{wanted.name}, begun"))
    outbox.add(CrawlRequested(crawl_job_id=new_id()))
    return Refused(Conflict("Not now.")) if _plan.refuse else Begun(wanted.name)


def handle(begun: Begun, wanted: ProjectCreate, caller: Caller, session: Session) -> Made:
    """Make a project slowly."""
    assert begun.name == wanted.name
    _plan.connections.append(_in_use())
    _plan.during()
    project = Project(user_id=caller.id, name=begun.name)
    session.add(project)
    session.flush()
    _plan.after()
    return Made(id=project.id, name=project.name)


SLOW = http(
    "POST /v1/projects", handle, prepare=prepare, status=201, action="project.create", timeout=30
)


def _in_use() -> int:
    """Connections that somebody holds."""
    return services().engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]


def call(person: Person, name: str = "p", function: Any = None, **more: Any) -> Response:
    """Send a request to the function of two steps."""
    environ = EnvironBuilder(
        path="/v1/projects",
        method="POST",
        json={"name": name},
        headers={"Authorization": f"Bearer {person.token}"} | more,
    ).get_environ()
    response: Response = (function or SLOW)(Request(environ))
    return response


def projects(session: Session) -> list[str]:
    session.rollback()
    return sorted(session.scalars(select(Project.name)))


def fail() -> None:
    raise RuntimeError("broken")


def test_no_connection_is_held_while_it_works(
    person: Person, session: Session, plan: StepPlan
) -> None:
    assert call(person).status_code == 201
    assert plan.connections == [0]
    assert projects(session) == ["p", "p, begun"]
    assert session.scalars(select(ActivityLog.action)).all() == ["project.create"]


def test_both_steps_run_as_the_caller(system: System, person: Person, plan: StepPlan) -> None:
    call(system.person(), "theirs")

    def peek(begun: Begun, session: Session) -> Made:
        """Look at all projects."""
        return Made(id=new_id(), name=session.scalars(select(Project.name)).one())

    response = call(person, "mine", http("POST /v1/projects", peek, prepare=prepare))
    assert json.loads(response.data)["name"] == "mine, begun"


def test_an_answer_of_the_first_step_ends_the_call(
    system: System, person: Person, session: Session, plan: StepPlan
) -> None:
    plan.refuse = True
    for _ in range(2):  # what was refused is done afresh
        assert call(person, **KEY).status_code == 409
    assert plan.connections == []
    assert projects(session) == ["p, begun", "p, begun"]
    assert session.scalars(select(ActivityLog.action)).all() == ["project.create_refused"] * 2
    assert system.mailbox.topics() == ["crawl-requested"] * 2


def test_a_failure_keeps_what_the_first_step_did_and_frees_the_key(
    system: System,
    person: Person,
    session: Session,
    plan: StepPlan,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for place in ("during", "after"):
        setattr(plan, place, fail)
        with caplog.at_level(logging.CRITICAL):
            assert call(person, **KEY).status_code == 500
    assert projects(session) == ["p, begun", "p, begun"]
    assert system.mailbox.topics() == ["crawl-requested"] * 2
    assert session.scalars(select(IdempotencyKey)).all() == []
    plan.during = plan.after = lambda: None
    assert call(person, **KEY).status_code == 201


def test_a_repeat_gets_the_first_answer(person: Person, session: Session, plan: StepPlan) -> None:
    first, again = call(person, **KEY), call(person, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert json.loads(first.data) == json.loads(again.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert plan.prepared == ["p"]
    assert call(person, "another", **KEY).status_code == 422


def test_a_second_request_while_the_first_one_works_is_refused(
    person: Person, session: Session, plan: StepPlan
) -> None:
    statuses: list[int] = []
    plan.during = lambda: statuses.append(call(person, **KEY).status_code)
    assert call(person, **KEY).status_code == 201
    assert statuses == [409]
    assert plan.prepared == ["p"]
    assert projects(session) == ["p", "p, begun"]


def test_many_at_the_same_time_do_the_work_once(
    person: Person, session: Session, plan: StepPlan
) -> None:
    begun = threading.Event()
    others = threading.Event()

    def wait() -> None:
        begun.set()
        assert others.wait(20)

    plan.during = wait
    statuses: list[int] = []

    def request() -> None:
        statuses.append(call(person, **KEY).status_code)

    first = threading.Thread(target=request)
    first.start()
    assert begun.wait(20)
    rest = [threading.Thread(target=request) for _ in range(4)]
    for thread in rest:
        thread.start()
    for thread in rest:
        thread.join()
    others.set()
    first.join()
    assert statuses == [409] * 4 + [201]
    assert plan.prepared == ["p"]


def test_who_took_too_long_has_no_effect_when_another_has_begun(
    person: Person, session: Session, plan: StepPlan
) -> None:
    """The first one's hold has run out, as if it had been stopped; the second one counts."""
    statuses: list[int] = []

    def overtaken() -> None:
        plan.during = lambda: None
        session.execute(update(IdempotencyKey).values(expires_at=text("now() - interval '1 s'")))
        session.commit()
        statuses.append(call(person, **KEY).status_code)

    plan.during = overtaken
    assert call(person, **KEY).status_code == 409
    assert statuses == [201]
    assert projects(session) == ["p", "p, begun", "p, begun"]
    assert session.scalars(select(IdempotencyKey.status)).all() == ["done"]


def test_a_hold_lasts_as_long_as_the_function_may_run(
    person: Person, session: Session, plan: StepPlan
) -> None:
    seconds: list[float] = []
    life = text("SELECT extract(epoch FROM expires_at - created_at)::float FROM idempotency_keys")
    plan.during = lambda: seconds.append(session.scalar(life) or 0)
    call(person, **KEY)
    assert seconds == [30]


def test_a_handler_takes_what_is_prepared_first() -> None:
    def nothing() -> None:
        """Take nothing."""

    with pytest.raises(DeclarationError, match="first"):
        http("POST /v1/projects", nothing, prepare=prepare)


def test_either_step_may_take_the_id_from_the_path() -> None:
    def first(project_id: str) -> Begun:
        return Begun(project_id)

    def last(begun: Begun) -> None:
        """Do it."""

    http("POST /v1/projects/{project_id}/go", last, prepare=first)
    with pytest.raises(DeclarationError, match="project_id"):
        http("POST /v1/projects/{project_id}/go", last, prepare=prepare)
