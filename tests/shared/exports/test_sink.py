"""The objects of a part, in the bucket."""

from uuid import uuid4
from zlib import crc32

import pytest

from shared.exports.composing import StoredFile
from shared.exports.sink import PartSink
from shared.services import services
from shared.storage.bucket import Generation, Storage

pytestmark = pytest.mark.usefixtures("environment")
MANY = 1024 * 1024


@pytest.fixture
def storage() -> Storage:
    return services().storage


@pytest.fixture
def prefix() -> str:
    return f"exports/{uuid4()}/"


def make_file(storage: Storage, data: bytes) -> StoredFile:
    name = f"images/{uuid4()}"
    storage.put_once(name, data, "image/png")
    found = storage.find(name)
    assert found is not None
    return StoredFile(Generation(name, found.generation), len(data), crc32(data))


def write(storage: Storage, prefix: str, parts: list[bytes | StoredFile]) -> list[str]:
    """Return the objects that a sink makes of bytes and files; no others are there."""
    with PartSink(storage, f"{prefix}part", "application/x-tar") as sink:
        for one in parts:
            if isinstance(one, StoredFile):
                sink.include(one)
            else:
                sink.write(one)
    assert storage.list_names(prefix) == sorted(sink.objects)
    return sink.objects


def test_bytes_alone_are_one_object(storage: Storage, prefix: str) -> None:
    short, long, none = f"{prefix}1/", f"{prefix}2/", f"{prefix}3/"
    assert write(storage, short, [b"ab", b"c"]) == [f"{short}part"]
    assert storage.read(f"{short}part") == b"abc"
    assert write(storage, long, [b"a" * MANY, b"b", b"c" * MANY]) == [f"{long}part"]
    assert storage.read(f"{long}part") == b"a" * MANY + b"b" + b"c" * MANY
    assert write(storage, none, []) == []


def test_files_are_composed_with_the_bytes_around_them(storage: Storage, prefix: str) -> None:
    """Calls take 32 sources, so 20 files are in two objects."""
    file = make_file(storage, b"<file>")
    parts: list[bytes | StoredFile] = []
    for number in range(20):
        parts += [b"%d" % number, file]
    objects = write(storage, prefix, [*parts, b"end"])
    assert len(objects) == 2
    data = b"".join(map(storage.read, objects))
    assert data == b"".join(b"%d<file>" % number for number in range(20)) + b"end"
    assert storage.read(file.object.name) == b"<file>"


def test_long_bytes_are_not_copied(storage: Storage, prefix: str) -> None:
    """They are an object of their own, between those that are composed."""
    file, long = make_file(storage, b"<file>"), b"x" * (MANY + 1)
    objects = write(storage, prefix, [b"a", file, b"b", file, long, file, file, b"c", long])
    data = [storage.read(name) for name in objects]
    assert data == [b"a<file>b<file>", long, b"<file><file>", b"c" + long]


def test_a_file_that_has_changed_is_an_error(storage: Storage, prefix: str) -> None:
    file = make_file(storage, b"<file>")
    storage.delete([file.object.name])
    storage.put_once(file.object.name, b"<other", "image/png")
    with pytest.raises(FileNotFoundError):
        write(storage, prefix, [b"a", file])


def test_an_error_makes_no_object(storage: Storage, prefix: str) -> None:
    def fail() -> None:
        with PartSink(storage, f"{prefix}part", "application/x-tar") as sink:
            sink.write(b"x" * 2 * MANY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert storage.list_names(prefix) == []
