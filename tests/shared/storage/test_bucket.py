"""The bucket, through Google's client and the emulator."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import requests
from google.api_core.exceptions import Forbidden
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Blob, Client

from shared.services import services
from shared.storage.bucket import Generation, Storage, StoredObject, open_storage
from tests.harness import in_parallel

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def storage() -> Storage:
    return services().storage


@pytest.fixture
def name() -> str:
    return f"test/{uuid4()}"


def test_the_first_of_many_makes_it(storage: Storage, name: str) -> None:
    made = in_parallel([lambda: storage.put_once(name, b"same", "image/png") for _ in range(8)])
    assert sorted(made) == [False] * 7 + [True]
    assert storage.read(name) == b"same"


@pytest.mark.parametrize("size", [0, 10, 9 * 1024 * 1024])
def test_what_is_there_stays(storage: Storage, name: str, size: int) -> None:
    """Above 8 MiB an upload is resumable, and says otherwise that there is an object."""
    assert storage.put_once(name, b"a" * size, "image/png") is True
    assert storage.put_once(name, b"b" * size, "image/png") is False
    assert storage.read(name) == b"a" * size


@pytest.fixture
def may_not_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account has roles/storage.objectCreator, which does not cover objects that are there."""

    def refuse(*_: Any, **__: Any) -> None:
        raise Forbidden("storage.objects.delete is missing")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(Blob, "upload_from_string", refuse)


def test_what_is_there_stays_though_it_may_not_be_replaced(
    storage: Storage, name: str, request: pytest.FixtureRequest
) -> None:
    storage.put_once(name, b"same", "image/png")
    request.getfixturevalue("may_not_replace")
    assert storage.put_once(name, b"same", "image/png") is False


@pytest.mark.usefixtures("may_not_replace")
def test_what_may_not_be_written_at_all(storage: Storage, name: str) -> None:
    with pytest.raises(Forbidden):
        storage.put_once(name, b"new", "image/png")


def test_an_upload_whose_answer_was_lost(
    storage: Storage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client repeats it, and finds its own object."""
    request: Any = AuthorizedSession.request
    calls: list[str] = []

    def loses_the_answer(self: Any, method: str, url: str, *args: Any, **more: Any) -> Any:
        response = request(self, method, url, *args, **more)
        if method == "POST" and not calls:
            calls.append(url)
            raise requests.ConnectionError("the answer was lost")
        return response

    monkeypatch.setattr(AuthorizedSession, "request", loses_the_answer)
    assert storage.put_once(name, b"data", "image/png") is False
    assert calls
    assert storage.read(name) == b"data"


def test_what_is_not_there(storage: Storage, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read(name)
    assert storage.find(name) is None
    storage.delete([name])


def test_find_tells_generation_size_and_type(storage: Storage, name: str) -> None:
    storage.put_once(name, b"12345", "image/png")
    found = storage.find(name)
    assert found is not None
    assert (found.size, found.content_type) == (5, "image/png")
    assert storage.read(name, generation=found.generation) == b"12345"
    with pytest.raises(FileNotFoundError):
        storage.read(name, generation=found.generation + 1)


def test_many_are_found_in_order_each_with_its_own_error(
    storage: Storage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{name}/{number}" for number in range(40)]
    in_parallel([lambda one=one: storage.put_once(one, one.encode(), "a/b") for one in names])
    find = storage.find
    running, most = [0], [0]
    lock = threading.Lock()

    def counted(one: str) -> StoredObject | None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            if one == names[7]:
                raise ConnectionError("the bucket does not answer")
            return find(one)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(storage, "find", counted)
    found = storage.find_many([*names, f"{name}/none"])
    assert isinstance(found[7], ConnectionError)
    assert found[-1] is None
    sizes = [one.size for one in found if isinstance(one, StoredObject)]
    assert sizes == [len(one) for one in names if one != names[7]]
    assert most[0] <= 16
    assert storage.find_many([]) == []


def test_many_are_read_in_order_each_with_its_own_error(
    storage: Storage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{name}/{number}" for number in range(40)]
    in_parallel([lambda one=one: storage.put_once(one, one.encode(), "a/b") for one in names])
    read = storage.read

    def breaks(one: str) -> bytes:
        if one == names[3]:
            raise ConnectionError("the bucket does not answer")
        return read(one)

    monkeypatch.setattr(storage, "read", breaks)
    contents = list(storage.read_many((one, None) for one in [*names, f"{name}/none"]))
    assert isinstance(contents.pop(), FileNotFoundError)
    assert isinstance(contents[3], ConnectionError)
    assert [one for one in contents if isinstance(one, bytes)] == [
        one.encode() for one in names if one != names[3]
    ]


@pytest.mark.parametrize(("size", "most"), [(1, 33), (None, 9), (30 * 2**20, 3), (100 * 2**20, 2)])
def test_little_is_read_ahead(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, size: int | None, most: int
) -> None:
    """Whoever takes no more has no more read: 64 MiB beside the one that comes next."""
    monkeypatch.setattr(storage, "read", str.encode)
    begun: list[str] = []

    def objects() -> Iterator[tuple[str, int | None]]:
        for number in range(100):
            begun.append(str(number))
            yield str(number), size

    contents = storage.read_many(objects())
    assert [next(contents) for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    assert len(begun) <= 5 + most
    contents.close()  # type: ignore[attr-defined] # it is a generator


def test_bytes_are_not_unpacked_on_the_way(storage: Storage, name: str) -> None:
    settings = services().settings
    blob: Blob = Client(settings.project).bucket(settings.bucket).blob(name)
    blob.content_encoding = "gzip"
    blob.upload_from_string(b"\x1f\x8b not really gzip", content_type="image/png")
    assert storage.read(name) == b"\x1f\x8b not really gzip"


def test_a_stream_becomes_an_object_when_it_ends_well(storage: Storage, name: str) -> None:
    pieces = [bytes([number]) * 3_000_000 for number in range(6)]
    with storage.open_write(name, "application/zip") as stream:
        for piece in pieces:
            stream.write(piece)
        assert storage.find(name) is None
    assert storage.read(name) == b"".join(pieces)


def test_a_stream_that_breaks_becomes_nothing(storage: Storage, name: str) -> None:
    def breaks() -> None:
        with storage.open_write(name, "application/zip") as stream:
            stream.write(b"x" * 9_000_000)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert storage.find(name) is None


@pytest.mark.parametrize("size", [1, 1024, 10_000])
def test_reading_in_pieces(storage: Storage, name: str, size: int) -> None:
    data = bytes(range(256)) * 10
    storage.put_once(name, data, "image/png")
    pieces = list(storage.read_chunks(name, size=max(size, 1024)))
    assert b"".join(pieces) == data
    assert all(len(piece) <= max(size, 1024) for piece in pieces)


def test_an_empty_object_has_no_pieces(storage: Storage, name: str) -> None:
    storage.put_once(name, b"", "image/png")
    assert list(storage.read_chunks(name)) == []


@pytest.mark.parametrize("count", [1, 32, 33, 70])
def test_joining_any_number_of_parts(storage: Storage, name: str, count: int) -> None:
    parts = [f"{name}/{number:03d}" for number in range(count)]
    in_parallel(
        [
            lambda some=parts[start::8]: [
                storage.put_once(one, one[-3:].encode(), "application/x-part") for one in some
            ]
            for start in range(8)
        ]
    )
    storage.compose(f"{name}.whole", parts, "application/zip")
    data = storage.read(f"{name}.whole")
    assert data == b"".join(b"%03d" % number for number in range(count))
    found = storage.find(f"{name}.whole")
    assert found is not None
    assert found.content_type == "application/zip"
    assert storage.list_names(f"{name}.whole") == [f"{name}.whole"]  # nothing lies about


def test_joining_more_components_than_1024(storage: Storage, name: str) -> None:
    """Calls of 32 sources, and calls of what they made."""
    storage.put_once(name, b"x", "image/png")
    storage.compose(f"{name}.whole", [name] * 1100, "application/zip")
    (found,) = services().storage._bucket.list_blobs(prefix=f"{name}.whole")  # noqa: SLF001
    assert (found.component_count, found.size) == (1100, 1100)


def test_joining_an_object_in_the_generation_that_was_found(storage: Storage, name: str) -> None:
    with storage.open_write(name, "image/png") as stream:
        stream.write(b"old")
    found = storage.find(name)
    assert found is not None
    pinned = Generation(name, found.generation)
    storage.compose(f"{name}.whole", [pinned, name], "image/png")
    assert storage.read(f"{name}.whole") == b"oldold"
    with storage.open_write(name, "image/png") as stream:
        stream.write(b"new")
    for sources in ([pinned], [name, f"{name}.absent"]):
        with pytest.raises(FileNotFoundError):
            storage.compose(f"{name}.other", sources, "image/png")
    assert storage.find(f"{name}.other") is None


def test_names_below_a_prefix(storage: Storage, name: str) -> None:
    for part in ("a", "b/c", "b/d"):
        storage.put_once(f"{name}/{part}", b"x", "image/png")
    assert storage.list_names(f"{name}/") == [f"{name}/{part}" for part in ("a", "b/c", "b/d")]
    assert storage.list_names(f"{name}/b/") == [f"{name}/b/c", f"{name}/b/d"]
    assert storage.list_names(f"{name}/", limit=2) == [f"{name}/a", f"{name}/b/c"]
    storage.delete(storage.list_names(f"{name}/"))
    assert storage.list_names(f"{name}/") == []


def test_a_download_address_is_for_one_object_and_one_method(storage: Storage, name: str) -> None:
    storage.put_once(name, b"data", "image/png")
    url = storage.sign_download_url(name, life=60, file_name="pets.zip")
    answer = requests.get(url, timeout=10)
    assert answer.content == b"data"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pets.zip"'
    assert requests.get(url.replace(name, f"{name}-2"), timeout=10).status_code == 403
    assert (
        requests.get(url.replace("X-Goog-Expires=60", "X-Goog-Expires=600"), timeout=10).status_code
        == 403
    )
    assert requests.delete(url, timeout=10).status_code == 403
    assert storage.read(name) == b"data"


def test_an_upload_address_is_for_one_file(storage: Storage, name: str) -> None:
    url, headers = storage.sign_upload_url(name, life=60, content_type="image/png", size=4)
    assert headers["Content-Type"] == "image/png"
    assert requests.put(url, data=b"12345", headers=headers, timeout=10).status_code == 400
    assert requests.put(url, data=b"1234", timeout=10).status_code in (400, 403)
    assert requests.put(url, data=b"1234", headers=headers, timeout=10).status_code == 200
    assert requests.put(url, data=b"5678", headers=headers, timeout=10).status_code == 412
    assert storage.read(name) == b"1234"


def test_check(storage: Storage) -> None:
    storage.check()
    missing = open_storage(replace(services().settings, bucket="no-such-bucket"))
    with pytest.raises(Exception, match="404"):
        missing.check()
