"""A limit lets exactly its number through, also when requests come at the same time."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.database.transactions import set_caller, transaction
from shared.errors import Conflict, TooMany
from shared.models import Project
from shared.queries.visible import visible_projects
from shared.quotas import QUOTAS, check_quota, lock_and_check_quota
from shared.services import services
from tests.harness import Person, System, in_parallel
from tests.stacks import wait_for_value


def test_defaults() -> None:
    assert (QUOTAS.active_crawl_jobs, QUOTAS.projects, QUOTAS.api_keys) == (10, 1000, 50)


def test_there_is_room_below_the_limit() -> None:
    check_quota(9, 10, "projects")


@pytest.mark.parametrize("used", [10, 11])
def test_what_only_the_caller_can_free_is_a_conflict(used: int) -> None:
    with pytest.raises(Conflict, match="10 projects"):
        check_quota(used, 10, "projects")


def test_what_frees_itself_says_when_to_come_back() -> None:
    with pytest.raises(TooMany) as caught:
        check_quota(10, 10, "crawl jobs at work", retry_after=60)
    assert caught.value.headers["Retry-After"] == "60"


_LOCKS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted = :granted")


def caller_of(person: Person) -> Caller:
    """Return the caller that the runtime hands to a handler."""
    return Caller(id=person.id)


def add_project(caller: Caller, limit: int, added: threading.Event | None = None) -> str:
    """Add a project within a limit, and keep the transaction open until `added` says so."""
    try:
        with transaction(services().engine) as session:
            set_caller(session, caller.id)
            lock_and_check_quota(session, caller, visible_projects(caller), limit, "projects")
            session.add(Project(user_id=caller.id, name="a"))
            session.flush()
            if added is not None:
                assert added.wait(20)
    except Conflict:
        return "refused"
    return "added"


def locks(engine: Engine, *, granted: bool) -> int:
    """Return how many transactions hold, or wait for, an advisory lock."""
    with engine.connect() as connection:
        return int(connection.scalar(_LOCKS, {"granted": granted}) or 0)


def test_the_second_waits_for_the_first_and_counts_what_it_added(
    person: Person, session: Session, engine: Engine
) -> None:
    caller, added = caller_of(person), threading.Event()

    def release() -> str:
        wait_for_value(lambda: locks(engine, granted=False) == 1)
        added.set()
        return ""

    outcomes = in_parallel([lambda: add_project(caller, 1, added)] * 2 + [release])
    assert sorted(outcomes) == ["", "added", "refused"]
    assert session.query(Project).count() == 1


def test_other_people_do_not_wait(
    system: System, person: Person, session: Session, engine: Engine
) -> None:
    caller, other, added = caller_of(person), caller_of(system.person()), threading.Event()

    def other_adds() -> str:
        try:
            wait_for_value(lambda: locks(engine, granted=True) == 1)
            return add_project(other, 1)
        finally:
            added.set()

    outcomes = in_parallel([lambda: add_project(caller, 1, added), other_adds])
    assert outcomes == ["added", "added"]
    owners: set[UUID] = {row.user_id for row in session.query(Project)}
    assert owners == {caller.id, other.id}


def test_a_caller_at_a_passing_limit_is_told_when_to_come_back(person: Person) -> None:
    caller = caller_of(person)
    with transaction(services().engine) as session, pytest.raises(TooMany) as refused:
        lock_and_check_quota(
            session, caller, visible_projects(caller), 0, "projects", retry_after=7
        )
    assert refused.value.headers["Retry-After"] == "7"
