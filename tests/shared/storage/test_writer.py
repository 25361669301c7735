"""Objects that are put before the rows that name them."""

from uuid import uuid4

import pytest

from shared.services import services
from shared.storage.bucket import Storage
from shared.storage.writer import ObjectVanishedError, ObjectWriter
from tests.harness import in_parallel

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def storage() -> Storage:
    return services().storage


@pytest.fixture
def name() -> str:
    return f"test/{uuid4()}"


def test_a_writer_knows_what_it_made(storage: Storage, name: str) -> None:
    """An object that was only found may be about to get another's row: it is not released."""
    first, second = ObjectWriter(storage), ObjectWriter(storage)
    first.put(f"{name}/shared", b"same", "image/png")
    second.put(f"{name}/shared", b"same", "image/png")
    second.put(f"{name}/own", b"own", "image/png")
    assert (first.made, second.made) == ([f"{name}/shared"], [f"{name}/own"])


def test_equal_names_are_sent_once(
    storage: Storage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    put_once = storage.put_once

    def counted(one: str, data: bytes, content_type: str, **more: str) -> bool:
        sent.append(one)
        return put_once(one, data, content_type, **more)

    monkeypatch.setattr(storage, "put_once", counted)
    writer = ObjectWriter(storage)
    in_parallel([lambda: writer.put(name, b"same", "image/png") for _ in range(8)])
    assert sent == writer.made == [name]


def test_what_was_there_before_is_looked_for_again(storage: Storage, name: str) -> None:
    storage.put_once(f"{name}/found", b"same", "image/png")
    writer = ObjectWriter(storage)
    for part in ("found", "made"):
        writer.put(f"{name}/{part}", b"same", "image/png")
    writer.check([f"{name}/found", f"{name}/made"])
    storage.delete([f"{name}/found"])
    writer.check([f"{name}/made"])
    with pytest.raises(ObjectVanishedError, match=f"{name}/found"):
        writer.check([f"{name}/made", f"{name}/found"])


def test_a_bucket_that_does_not_answer_is_no_vanished_object(
    storage: Storage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: str) -> None:
        raise ConnectionError("the bucket does not answer")

    monkeypatch.setattr(storage, "find", breaks)
    with pytest.raises(ConnectionError):
        ObjectWriter(storage).check([name])
