"""The whole system on one machine: real PostgreSQL, emulated Google services, the functions."""

import fcntl
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from infra.local.addresses import Addresses, choose_port, is_answering
from infra.local.children import Child, StackError, is_accepting, is_free
from infra.local.choices import Choices
from infra.local.loading import load_system
from infra.local.postgres import Postgres, PostgresError

if TYPE_CHECKING:
    from infra.local.schedule import Scheduler

PROJECT = "pixmill-local"
BUCKET = "pixmill-local"
_ACCOUNT = "pixmill@pixmill-local.iam.gserviceaccount.com"
_CALLS = "60000"  # a minute: tools of the machine's only user may hurry
_LOOPBACK = "http://localhost:*,http://127.0.0.1:*,http://[::1]:*"  # pages that may call the API
_SCHEMA = Path(__file__).parents[2] / "migrations" / "schema.sql"
_WORKERS = max(2, os.cpu_count() or 2)
# Of a process: more than all slots, so that no kind of work waits for another. Those of a pool
# are started when they are needed.
_THREADS = 64
_ACCOUNT_CALLS = 16  # of models, in a process of the gateway
_SLOTS = 4 * _WORKERS  # of each kind of work that is shared out by account


class Stack:
    """Starts every part in order, and stops them in reverse."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.state = choices.state.absolute()
        self._closing = ExitStack()
        self._lock: IO[str] | None = None
        self.children: dict[str, Child] = {}
        self.environment: dict[str, str] = {}
        self.scheduler: Scheduler | None = None

    def start(self) -> Addresses:
        """Start all. Raises `StackError`, with nothing left running."""
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all that was started: schedules, the functions, then what they use."""
        if self.scheduler is not None:
            self.scheduler.stop()
        for together in (("gateway", "worker"), ("storage", "pubsub")):
            children = [self.children[name] for name in together if name in self.children]
            for child in children:
                child.terminate()
            for child in children:
                child.stop()
        self._closing.close()

    def find_dead(self) -> Child | None:
        """Return a part that has ended by itself, if one has."""
        return next((child for child in self.children.values() if not child.is_running()), None)

    def _start(self) -> Addresses:
        self._take_directory()
        if not is_free(self._choices.port):
            raise StackError(
                f"Port {self._choices.port} is taken. Stop what uses it, or set PIXMILL_PORT."
            )
        pubsub = self._choices.pubsub_emulator_host
        if pubsub and not is_answering(pubsub):
            raise StackError(
                f"Nothing listens at {pubsub}. Start it, or unset PUBSUB_EMULATOR_HOST."
            )
        before = Addresses.read(self.state)
        if given := self._choices.database_url:
            from infra.local.database import check_database

            check_database(given)
        storage_port = choose_port(before.storage_emulator_host if before else None)
        worker_port = choose_port(before.worker_url if before else None)
        postgres = None if given else self._make_postgres(before)
        account = self.state / "service-account.json"
        self._prepare(postgres, account)
        pubsub = pubsub or self._start_pubsub(before)
        # Without TLS, which this server does not speak (shared/database/driver.py).
        database_url = f"{postgres.url}?sslmode=disable" if postgres else str(given)
        addresses = Addresses(
            base_url=f"http://127.0.0.1:{self._choices.port}",
            database_url=database_url,
            pubsub_emulator_host=pubsub,
            storage_emulator_host=f"http://127.0.0.1:{storage_port}",
            worker_url=f"http://127.0.0.1:{worker_port}",
            project=PROJECT,
            bucket=BUCKET,
        )
        self.environment = self._make_environment(addresses, account)
        os.environ.update(self.environment)
        worker = self._start_worker(worker_port)
        gateway = self._start_gateway()
        storage = self._start_storage(storage_port, account)
        migration = self._start_migration()

        from infra.local.pages import open_to_pages
        from infra.local.resending import send_again
        from infra.local.topics import provision_topics

        if child := self.children.get("pubsub"):
            child.await_ready(lambda: is_answering(pubsub))
        provision_topics(PROJECT, addresses.worker_url)
        if migration is not None:
            self._await_migration(migration)
        if "pubsub" not in self.children:  # the embedded one keeps what it has not delivered
            send_again(addresses.database_url)
        storage.await_ready(lambda: is_accepting(storage_port))
        own = [addresses.base_url, f"http://localhost:{self._choices.port}"]
        open_to_pages(addresses.storage_emulator_host, BUCKET, own)
        worker.await_ready(lambda: is_accepting(worker_port))
        gateway.await_ready(lambda: is_accepting(self._choices.port))
        if self._choices.schedules:
            self._start_schedules()
        addresses.write(self.state)
        return addresses

    def _take_directory(self) -> None:
        try:
            (self.state / "logs").mkdir(parents=True, exist_ok=True)
            self._lock = (self.state / "lock").open("a")
        except OSError as error:
            raise StackError(
                f"{self.state} cannot hold the data ({error.strerror}). Set PIXMILL_STATE."
            ) from None
        self._closing.callback(self._lock.close)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StackError(
                f"A stack runs already in {self.state}. Stop it, or set PIXMILL_STATE."
            ) from None
        told = {"pid": os.getpid(), "base_url": f"http://127.0.0.1:{self._choices.port}"}
        self._lock.truncate(0)
        self._lock.write(json.dumps(told))
        self._lock.flush()

    def _make_postgres(self, before: Addresses | None) -> Postgres:
        port = choose_port(before.database_url if before else None)
        postgres = Postgres(self.state / "postgres", port, schema=_SCHEMA)
        self._closing.callback(postgres.stop)
        return postgres

    def _prepare(self, postgres: Postgres | None, account: Path) -> None:
        """Load the functions and make keys while PostgreSQL starts; all is complete at the end."""
        # In `_closing`, so that the end waits for a start that is interrupted.
        beside = self._closing.enter_context(ThreadPoolExecutor(1))
        starting = postgres and beside.submit(postgres.start)
        load_system()

        from infra.emulators.storage.signing import create_service_account

        create_service_account(account, _ACCOUNT)
        try:
            if starting:
                starting.result()
        except PostgresError as error:
            raise StackError(str(error)) from error
        beside.shutdown()  # for forks this process has one thread

    def _start_pubsub(self, before: Addresses | None) -> str:
        from infra.emulators.pubsub import __main__ as embedded
        from infra.emulators.pubsub import google

        if not self._choices.embedded_pubsub and (emulator := google.find_google_emulator()):
            self._closing.callback(emulator.stop)
            emulator.start()
            return emulator.address
        port = choose_port(before.pubsub_emulator_host if before else None)
        options = ["--port", str(port), "--directory", str(self.state / "pubsub")]
        options += ["--window", str(max(8, _SLOTS)), *self._choices.pubsub_options]
        self._make_child("pubsub", lambda: sys.exit(embedded.main(options)))
        return f"127.0.0.1:{port}"

    def _start_storage(self, port: int, account: Path) -> Child:
        from infra.emulators.storage.server import ServerOptions, serve
        from shared.operations.discovery import list_message_functions

        topics = {
            operation.message.bucket_prefix: f"projects/{PROJECT}/topics/{operation.message.topic}"
            for _, operation in list_message_functions()
            if operation.message.bucket_prefix
        }
        directory = self.state / "storage"
        options = ServerOptions(directory, port, (BUCKET,), (account,), topics)
        return self._make_child("storage", partial(serve, options))

    def _start_worker(self, port: int) -> Child:
        from infra.local.hosts import make_worker
        from infra.local.server import serve_functions

        return self._make_child(
            "worker",
            partial(serve_functions, make_worker, port, processes=_WORKERS, threads=_THREADS),
        )

    def _start_gateway(self) -> Child:
        from infra.local.hosts import make_gateway
        from infra.local.server import serve_functions

        return self._make_child(
            "gateway",
            partial(
                serve_functions, make_gateway, self._choices.port, processes=2, threads=_THREADS
            ),
        )

    def _start_schedules(self) -> None:
        from infra.local.schedule import Scheduler
        from shared.messaging.publishing import PubSub

        self.scheduler = Scheduler(PubSub(PROJECT))
        self.scheduler.start()

    def _start_migration(self) -> Child | None:
        """Start to migrate a database that has an older schema, or none."""
        from migrations.newest import is_newest

        if is_newest(self.environment["DATABASE_URL"]):
            return None

        from alembic import config

        return self._make_child("migrate", partial(config.main, ["upgrade", "head"]))

    def _await_migration(self, child: Child) -> None:
        child.process.wait()
        del self.children["migrate"]
        if child.process.returncode:
            if "Can't locate revision" in child.log.read_text(errors="replace")[-2000:]:
                raise StackError(
                    f"{self.state} was used by a newer Pixmill. Install that one, or set "
                    "PIXMILL_STATE to another folder."
                )
            raise StackError(f"The database could not be migrated; see {child.log}.")

    def _make_child(self, name: str, work: Sequence[str] | Callable[[], object]) -> Child:
        environment = {**os.environ, **self.environment}
        child = Child(name, work, environment, self.state / "logs" / f"{name}.log")
        self.children[name] = child
        self._closing.callback(child.stop)
        return child

    def _make_environment(self, addresses: Addresses, account: Path) -> dict[str, str]:
        return {
            "DATABASE_URL": addresses.database_url,
            "PUBSUB_EMULATOR_HOST": addresses.pubsub_emulator_host,
            "STORAGE_EMULATOR_HOST": addresses.storage_emulator_host,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
            "PIXMILL_BUCKET": BUCKET,
            "PIXMILL_CALLS_PER_ADDRESS": os.environ.get("PIXMILL_CALLS_PER_ADDRESS") or _CALLS,
            "PIXMILL_CALLS_PER_KEY": os.environ.get("PIXMILL_CALLS_PER_KEY") or _CALLS,
            "PIXMILL_CORS_ORIGINS": os.environ.get("PIXMILL_CORS_ORIGINS") or _LOOPBACK,
            "PIXMILL_ACCOUNT_CALLS": os.environ.get("PIXMILL_ACCOUNT_CALLS") or str(_ACCOUNT_CALLS),
            "PIXMILL_SLOTS": os.environ.get("PIXMILL_SLOTS") or str(_SLOTS),
            "PYTHONUNBUFFERED": "1",
            **self._choices.extra,
        }
