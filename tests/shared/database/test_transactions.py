"""Transactions and the role under which they run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from shared.database.transactions import (
    can_repeat,
    get_constraint,
    get_sqlstate,
    is_transient,
    make_engine,
    set_caller,
    transaction,
)
from shared.models import Profile
from shared.models.base import new_id
from shared.services import services
from shared.settings import SettingError, Settings
from tests.harness import System

ROLE = text("SELECT current_user, current_setting('pixmill.user_id')")


@pytest.fixture
def pool(system: System) -> Engine:
    """Return the functions' engine."""
    return services().engine


def test_a_transaction_runs_as_the_system_until_a_caller_is_known(pool: Engine) -> None:
    user_id = new_id()
    with transaction(pool) as session:
        assert tuple(session.execute(ROLE).one()) == ("pixmill_system", "")
        set_caller(session, user_id)
        assert tuple(session.execute(ROLE).one()) == ("pixmill_caller", str(user_id))
    with pool.connect() as connection:  # the next user of the connection begins afresh
        assert connection.scalar(text("SELECT current_user")) not in (
            "pixmill_caller",
            "pixmill_system",
        )


def test_an_error_rolls_everything_back(pool: Engine) -> None:
    def breaks() -> None:
        with transaction(pool) as session:
            session.add(Profile(email="ada@example.com"))
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks()
    with transaction(pool) as session:
        assert session.scalars(select(Profile)).all() == []


def test_it_begins_with_the_first_statement(pool: Engine) -> None:
    begun: list[Connection] = []
    with transaction(pool, on_begin=begun.append) as session:
        assert begun == []
        assert pool.pool.checkedout() == 0  # type: ignore[attr-defined]
        session.execute(text("SELECT 1"))
        with session.begin_nested():
            session.execute(text("SELECT 2"))
        assert len(begun) == 1
    with transaction(pool, on_begin=begun.append):
        pass
    assert len(begun) == 1


def test_a_claim_that_refuses_ends_the_transaction(pool: Engine) -> None:
    def refuse(_: Connection) -> None:
        raise LookupError

    def claimed() -> None:
        with transaction(pool, on_begin=refuse) as session:
            session.execute(text("SELECT 1"))

    with pytest.raises(LookupError):
        claimed()
    assert pool.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "2min"),
        ("lock_timeout", "20s"),
        ("idle_in_transaction_session_timeout", "2min"),
        ("application_name", "pixmill"),
    ],
)
def test_nothing_may_hang(pool: Engine, setting: str, value: str) -> None:
    with pool.connect() as connection:
        assert connection.scalar(text(f"SHOW {setting}")) == value


def _error(pool: Engine, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught, transaction(pool) as session:
        session.execute(text(statement))
    return caught.value


def _raise(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize(
    ("code", "passing", "repeat"),
    [
        ("40001", True, True),
        ("40P01", True, True),
        ("55P03", True, False),
        ("53300", True, False),
        ("57014", True, False),
        ("57P01", True, True),
        ("08006", True, True),
        ("23505", False, False),
        ("42P01", False, False),
        ("42501", False, False),
    ],
)
def test_which_errors_pass(pool: Engine, code: str, passing: bool, repeat: bool) -> None:
    error = _error(pool, _raise(code))
    assert get_sqlstate(error) == code
    assert (is_transient(error), can_repeat(error)) == (passing, repeat)


def test_a_broken_constraint_is_named(pool: Engine) -> None:
    with transaction(pool) as session:
        session.add(Profile(email="ada@example.com"))
    error = _error(pool, "INSERT INTO profiles (email) VALUES ('ADA@example.com')")
    assert (get_sqlstate(error), get_constraint(error)) == ("23505", "uq_profiles_email_lower")


def test_errors_without_details() -> None:
    lost = DBAPIError("SELECT 1", {}, Exception("broken"), connection_invalidated=True)
    assert (get_sqlstate(lost), get_constraint(lost)) == ("", "")
    assert is_transient(lost)


def test_an_error_does_not_tell_its_parameters(pool: Engine) -> None:
    def breaks() -> None:
        with transaction(pool) as session:
            session.execute(text("SELECT CAST(:secret AS integer)"), {"secret": "s3cr3t"})

    with pytest.raises(DBAPIError) as caught:
        breaks()
    shown = str(caught.value).replace(str(caught.value.orig), "")
    assert "s3cr3t" not in shown


def test_without_a_database_there_is_no_engine() -> None:
    with pytest.raises(SettingError, match="DATABASE_URL"):
        make_engine(Settings(project="p", bucket="b"))


def test_the_pool_is_as_large_as_the_setting(pool: Engine) -> None:
    settings = replace(services().settings, pool_size=3)
    engine = make_engine(settings)
    size: Callable[[], Any] = engine.pool.size  # type: ignore[attr-defined]
    assert (size(), engine.pool._max_overflow) == (3, 0)  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()
