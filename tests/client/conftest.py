"""Somebody with an API key at an installation that listens, and a photo site."""

from collections.abc import Iterator

import pixmill
import pytest

from tests.harness import Person
from tests.installation import address
from tests.sites import project, site

__all__ = ["address", "project", "site"]


@pytest.fixture
def key(person: Person) -> str:
    """Return an API key of the person."""
    return str(person.post("/v1/api-keys", {"name": "client"})["key"])


@pytest.fixture
def client(address: str, key: str) -> Iterator[pixmill.Client]:
    """Yield a client of the installation."""
    with pixmill.Client(address, key) as client:
        yield client
