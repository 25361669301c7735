"""The migration job, and then the way to its database: IAM login, certificates, limits.

The database is as Cloud SQL makes it: its administrator is no superuser.
"""

import gc
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.gcp import migrate
from infra.local.postgres import Postgres
from shared.database.transactions import get_sqlstate, is_transient, make_engine, transaction
from shared.settings import Settings
from tests.databases import connect_to, execute
from tests.infra.gcp.conftest import LOGINS, OWNER
from tests.infra.gcp.standins import CONNECTION_NAME, PROJECT, Google

LOGIN = LOGINS[0]


@pytest.fixture
def function(migrated: Google) -> Iterator[Callable[..., Engine]]:
    """Engines as functions make them, with settings as Terraform gives them."""
    migrated.certificates.clear()
    migrated.life, migrated.refused = timedelta(hours=1), ""
    made = []

    def engine(login: str = LOGIN, pool_size: int = 2) -> Engine:
        settings = Settings(
            project=PROJECT,
            bucket="b",
            instance_connection_name=CONNECTION_NAME,
            db_user=login,
            db_name="service",
            db_ip_type="PRIVATE",
            pool_size=pool_size,
        )
        made.append(make_engine(settings))
        return made[-1]

    yield engine
    for one in made:
        one.dispose()
    with warnings.catch_warnings():
        # The connector leaves the socket of a login that fails to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def find_users(engine: Engine) -> tuple[str, str]:
    """The user who has logged in, and the role under which a transaction runs."""
    with transaction(engine) as session:
        row = session.execute(text("SELECT session_user, current_user")).one()
    return row[0], row[1]


def test_the_owner_has_the_tables_and_the_logins_have_roles(
    migrated: Google, server: Postgres
) -> None:
    url = make_url(server.url).set(database="service")
    engine = connect_to(url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        owners = connection.scalars(
            text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        members = connection.execute(
            text(
                "SELECT member::regrole::text, roleid::regrole::text, inherit_option"
                " FROM pg_auth_members WHERE roleid::regrole::text LIKE 'pixmill\\_%'"
                " AND grantor <> 10"
            )
        ).all()
    engine.dispose()
    assert owners == [OWNER]
    memberships = {(member.strip('"'), role): inherits for member, role, inherits in members}
    for role in ("pixmill_caller", "pixmill_system"):
        assert memberships[OWNER, role] is True
        assert [memberships[login, role] for login in LOGINS] == [False, False]


def test_an_earlier_release_leaves_a_newer_database_as_it_is(
    migrated: Google, server: Postgres, job: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(migrated, "account", f"{OWNER}.gserviceaccount.com")
    engine = connect_to(
        make_url(server.url).set(database="service").render_as_string(hide_password=False)
    )
    with engine.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate.main(job)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})
    engine.dispose()


def test_a_function_logs_in_as_its_account(
    migrated: Google, function: Callable[..., Engine]
) -> None:
    assert find_users(function()) == (LOGIN, "pixmill_system")
    [asked] = migrated.certificates
    # The login's token can log in and nothing else, and is no password that travels on.
    assert asked["access_token"].startswith("login-")
    assert migrated.tokens[asked["access_token"]] == f"{LOGIN}.gserviceaccount.com"


def test_outside_of_its_transactions_a_login_sees_nothing(
    function: Callable[..., Engine],
) -> None:
    with (
        function().connect() as connection,
        pytest.raises(DBAPIError, match="permission denied for table profiles"),
    ):
        connection.execute(text("SELECT * FROM profiles"))


def test_another_accounts_login_is_refused(function: Callable[..., Engine]) -> None:
    with pytest.raises(DBAPIError, match="IAM login") as refused:
        find_users(function(login=LOGINS[1]))
    assert get_sqlstate(refused.value) == "28000"
    assert not is_transient(refused.value)


def test_connections_share_a_certificate_until_it_is_about_to_end(
    migrated: Google, function: Callable[..., Engine]
) -> None:
    engine = function()
    migrated.life = timedelta(minutes=30)
    with transaction(engine) as one, transaction(engine) as other:
        pids = {session.scalar(text("SELECT pg_backend_pid()")) for session in (one, other)}
    assert len(pids) == 2
    assert len(migrated.certificates) == 1
    engine = function()
    migrated.life = timedelta(minutes=3)
    with transaction(engine) as one, transaction(engine) as other:
        pids = {session.scalar(text("SELECT pg_backend_pid()")) for session in (one, other)}
    assert len(pids) == 2
    assert len(migrated.certificates) == 3  # less than four minutes are as good as none


def test_an_open_connection_outlives_its_certificate(
    migrated: Google, function: Callable[..., Engine]
) -> None:
    migrated.life = timedelta(seconds=4)  # time to connect; its end is a whole second
    engine = function()
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(4.2)"))
    assert find_users(engine) == (LOGIN, "pixmill_system")
    assert len(migrated.certificates) == 1


def test_an_expired_certificate_is_replaced(
    migrated: Google, function: Callable[..., Engine]
) -> None:
    migrated.life = timedelta(minutes=-5)
    engine = function()
    with pytest.raises(DBAPIError) as ended:
        find_users(engine)
    assert is_transient(ended.value)
    migrated.life = timedelta(hours=1)
    assert find_users(engine) == (LOGIN, "pixmill_system")
    assert len(migrated.certificates) == 2


def test_without_the_permission_to_connect_the_reason_is_said(
    migrated: Google, function: Callable[..., Engine]
) -> None:
    migrated.refused = "boss::NOT_AUTHORIZED: Not authorized to access resource."
    engine = function()
    with pytest.raises(DBAPIError, match="NOT_AUTHORIZED") as refused:
        find_users(engine)
    assert is_transient(refused.value)
    migrated.refused = ""
    assert find_users(engine) == (LOGIN, "pixmill_system")


def test_no_more_connections_than_the_pool_has(function: Callable[..., Engine]) -> None:
    engine = function(pool_size=1)
    engine.pool._timeout = 0.2  # type: ignore[attr-defined]  # noqa: SLF001
    with engine.connect(), pytest.raises(PoolTimeout):
        engine.connect()


def test_a_server_without_connections_left_is_worth_another_try(
    server: Postgres, function: Callable[..., Engine]
) -> None:
    execute(server.url, f'ALTER ROLE "{LOGIN}" CONNECTION LIMIT 1')
    try:
        engine = function()
        with engine.connect(), pytest.raises(DBAPIError, match="too many connections") as full:
            engine.connect()
        assert get_sqlstate(full.value) == "53300"
        assert is_transient(full.value)
    finally:
        execute(server.url, f'ALTER ROLE "{LOGIN}" CONNECTION LIMIT -1')
    assert find_users(function()) == (LOGIN, "pixmill_system")
