"""Objects that are read by ranges."""

from __future__ import annotations

import io
import random

import pytest

from shared.services import services
from shared.storage.bucket import Storage
from shared.storage.ranges import RangedReader

pytestmark = pytest.mark.usefixtures("environment")

DATA = random.Random(3).randbytes(3 * 1024 * 1024 + 17)


@pytest.fixture
def storage() -> Storage:
    return services().storage


def open_object(storage: Storage, name: str, data: bytes = DATA) -> tuple[RangedReader, list[int]]:
    """A stored object, and a list that grows with every request for it."""
    storage.put_once(name, data, "text/csv")
    found = storage.find(name)
    assert found is not None
    requests: list[int] = []
    reader = storage.open_read(name, found, lambda: requests.append(1))
    assert isinstance(reader, RangedReader)
    return reader, requests


def test_it_reads_as_a_file_does(storage: Storage) -> None:
    reader, _ = open_object(storage, "manifests/ranges/a")
    file = io.BytesIO(DATA)
    chance = random.Random(5)
    for _ in range(60):
        if chance.random() < 0.5:
            place = chance.randrange(len(DATA) + 100)
            assert reader.seek(place) == file.seek(place)
        size = chance.choice([-1, 0, 1, 100, 70_000, 2 * 1024 * 1024])
        assert reader.read(size) == file.read(size)
    assert reader.seek(-5, io.SEEK_END) == len(DATA) - 5
    assert reader.read() == DATA[-5:]
    assert reader.read(1) == b""


def test_small_reads_share_requests(storage: Storage) -> None:
    reader, requests = open_object(storage, "manifests/ranges/b")
    while reader.read(1000):
        pass
    assert len(requests) <= 5


def test_an_empty_object(storage: Storage) -> None:
    reader, requests = open_object(storage, "manifests/ranges/c", b"")
    assert (reader.read(), requests) == (b"", [])


def test_what_is_replaced_meanwhile_is_gone(storage: Storage) -> None:
    reader, _ = open_object(storage, "manifests/ranges/d")
    storage.delete(["manifests/ranges/d"])
    storage.put_once("manifests/ranges/d", b"other", "text/csv")
    with pytest.raises(FileNotFoundError):
        reader.read(10)
