"""A running emulator, and Google's own client pointed at it."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.storage import Client
from google.oauth2 import service_account

from infra.emulators.storage import StorageServer
from infra.emulators.storage.signing import create_service_account

load_credentials: Any = service_account.Credentials.from_service_account_file
EMAIL = "signer@pixmill-test.iam.gserviceaccount.com"


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the key file of the account whose signatures the emulator accepts."""
    path = tmp_path_factory.mktemp("account") / "key.json"
    create_service_account(path, EMAIL)
    return path


@pytest.fixture(scope="session")
def credentials(account: Path) -> Any:
    """Return the account's credentials, for signing."""
    return load_credentials(account)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory, account: Path) -> Iterator[StorageServer]:
    """One emulator for all tests that do not stop it."""
    directory = tmp_path_factory.mktemp("emulator")
    with StorageServer(directory, service_accounts=[account]) as server:
        yield server


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[StorageServer], Any]]:
    """Make clients of an emulator."""
    clients = []

    def make(server: StorageServer) -> Any:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        clients.append(Client(project="pixmill-test"))
        return clients[-1]

    yield make
    for client in clients:
        client._http.close()  # noqa: SLF001


@pytest.fixture
def client(emulator: StorageServer, connect: Callable[[StorageServer], Any]) -> Any:
    """Return a client of the shared emulator."""
    return connect(emulator)


@pytest.fixture
def bucket(client: Any) -> Any:
    """Return a fresh bucket."""
    return client.create_bucket(f"bucket-{uuid.uuid4().hex}")
