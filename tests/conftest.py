"""Real parts for every test: PostgreSQL, the storage emulator, all functions in one process."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import ORMExecuteState, Session

from infra.emulators.storage import StorageServer
from infra.emulators.storage.signing import create_service_account
from infra.local.postgres import Postgres

pytest.register_assert_rewrite("tests.harness")  # before it is imported
# Before gRPC is imported, which would start threads between fork and exec. There they meet files
# that are closed, and end the process that a test is about to start: PostgreSQL, or a child.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

from tests.databases import temporary_server  # noqa: E402
from tests.harness import Mailbox, Person, System, make_system  # noqa: E402

# A busy machine is no reason to fail: limits of time are what the tests say themselves.
settings.register_profile("pixmill", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pixmill")

ROOT = Path(__file__).resolve().parent.parent
PROJECT = BUCKET = "pixmill-test"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the run."""
    with temporary_server() as server:
        yield server


@pytest.fixture(scope="session")
def database_url(postgres: Postgres) -> str:
    """Return a migrated database."""
    os.environ["DATABASE_URL"] = postgres.url
    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    return postgres.url


@pytest.fixture(scope="session")
def storage_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the storage emulator with the test bucket; its address."""
    directory = tmp_path_factory.mktemp("storage")
    account = directory / "service-account.json"
    create_service_account(account, f"pixmill@{PROJECT}.iam.gserviceaccount.com")
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(account)
    with StorageServer(directory / "data", buckets=[BUCKET], service_accounts=[account]) as server:
        yield server.url


@pytest.fixture(scope="session")
def environment(database_url: str, storage_server: str) -> None:
    """The settings that the functions read."""
    os.environ |= {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "PIXMILL_BUCKET": BUCKET,
        "PIXMILL_CALLS_PER_ADDRESS": "0",  # tests hurry, and count statements
        "PIXMILL_CALLS_PER_KEY": "0",
        "DATABASE_URL": database_url,
        "STORAGE_EMULATOR_HOST": storage_server,
        "PIXMILL_POOL_SIZE": "16",
    }


@pytest.fixture(scope="session")
def functions(environment: None) -> Iterator[System]:
    """Every function, loaded once."""
    from shared.logs import configure_logs
    from shared.services import services

    configure_logs()  # before a test puts something else in the place of standard output
    mailbox = Mailbox()
    system = make_system(mailbox)
    services().built["publisher"] = mailbox
    stop = system.guard.install()
    yield system
    stop()
    services().models.close()  # whose processes would outlive the tests


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """Yield the database as its owner sees it."""
    engine = create_engine(database_url.replace("postgresql://", "postgresql+pg8000://"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def empty_tables(engine: Engine) -> str:
    """Return the statement that empties every table; of few rows, faster than TRUNCATE."""
    with engine.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT quote_ident(tablename) FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
                " ORDER BY tablename <> 'profiles'"
            )
        ).all()
    deletions = " ".join(f"DELETE FROM {table};" for table in tables)
    return f"DO $$ BEGIN {deletions} END $$"


@pytest.fixture
def system(functions: System, engine: Engine, empty_tables: str) -> System:
    """Return the whole system, empty."""
    with engine.begin() as connection:
        connection.execute(text(empty_tables))
    functions.mailbox.waiting.clear()
    functions.mailbox.sent.clear()
    functions.mailbox.broken = False
    functions.statuses.clear()
    return functions


@pytest.fixture
def person(system: System) -> Person:
    """Somebody who is signed in."""
    return system.person()


@pytest.fixture
def session(system: System, engine: Engine) -> Iterator[Session]:
    """Yield a session that sees and may change everything, for looking and for preparing."""
    with Session(engine) as session:
        event.listen(session, "do_orm_execute", _restrict_to(threading.current_thread()))
        yield session


def _restrict_to(owner: threading.Thread) -> Callable[[ORMExecuteState], None]:
    """Loading an expired attribute in a thread would use the connection beside its owner."""

    def check(_: ORMExecuteState) -> None:
        assert threading.current_thread() is owner, "a session belongs to one thread: pass values"

    return check
