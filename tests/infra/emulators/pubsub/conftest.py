"""Emulators for the tests here: the embedded one, and Google's where the machine has it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.emulators.pubsub import EmbeddedPubSub
from infra.emulators.pubsub.google import find_google_emulator
from tests.infra.emulators.pubsub.client import PubSubClients, connect
from tests.infra.emulators.pubsub.endpoint import Endpoint


@dataclass(frozen=True)
class EmulatorCase:
    """One of the emulators, and in what Google's falls short of the service it emulates."""

    name: str
    pubsub: PubSubClients

    @property
    def faithful(self) -> bool:
        return self.name == "embedded"


@pytest.fixture(
    scope="session", params=["embedded", "google"] if find_google_emulator() else ["embedded"]
)
def emulator(request: pytest.FixtureRequest) -> Iterator[EmulatorCase]:
    """Each emulator in turn."""
    server = EmbeddedPubSub() if request.param == "embedded" else find_google_emulator()
    assert server is not None
    with server, connect(server.address) as pubsub:
        yield EmulatorCase(request.param, pubsub)


@pytest.fixture
def embedded() -> Iterator[EmbeddedPubSub]:
    """Yield a fresh embedded emulator in memory."""
    with EmbeddedPubSub() as server:
        yield server


@pytest.fixture
def pubsub(embedded: EmbeddedPubSub) -> Iterator[PubSubClients]:
    """Clients of the fresh embedded emulator."""
    with connect(embedded.address) as pubsub:
        yield pubsub


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Yield a push endpoint that answers 204."""
    with Endpoint() as endpoint:
        yield endpoint
