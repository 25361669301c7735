"""The zip format's records, judged by other programs."""

import io
import random
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from zlib import crc32

import pytest

from shared.exports.zip import ZipContainer

CONTAINER = ZipContainer()


def archive(members: list[tuple[str, bytes]]) -> bytes:
    body, directory = bytearray(), bytearray()
    for name, data in members:
        directory += CONTAINER.make_record(name, len(data), crc32(data), len(body))
        body += CONTAINER.make_header(name, len(data), crc32(data)) + data
    return bytes(body + directory + CONTAINER.make_end(len(members), len(body), len(directory)))


def test_members_have_plain_terms() -> None:
    with zipfile.ZipFile(io.BytesIO(archive([("a/ü.txt", b"one"), ("b", b"")]))) as opened:
        assert opened.testzip() is None
        first, second = opened.infolist()
        assert (first.filename, opened.read(first), opened.read(second)) == ("a/ü.txt", b"one", b"")
        assert first.compress_type == zipfile.ZIP_STORED
        assert first.date_time == (1980, 1, 1, 0, 0, 0)
        assert first.external_attr >> 16 == 0o100644
        assert first.create_system == 3
        assert first.flag_bits == 1 << 11


@pytest.mark.parametrize("count", [65534, 65535, 65536])
def test_many_members(count: int) -> None:
    data = archive([(f"{number:05}", b"%d" % number) for number in range(count)])

    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        names = opened.namelist()
        assert len(names) == count
        chosen = random.sample(names, 20)
        assert [opened.read(name) for name in chosen] == [b"%d" % int(name) for name in chosen]
    assert (b"PK\6\6" in data) == (count >= 65535)


def test_readers_without_the_directory_learn_large_sizes() -> None:
    size = 5 * 2**30
    header = CONTAINER.make_header("large", size, 0)

    assert struct.unpack_from("<H", header, 4) == (45,)
    assert struct.unpack_from("<2L", header, 18) == (0xFFFFFFFF, 0xFFFFFFFF)
    assert struct.unpack("<2H2Q", header[35:]) == (1, 16, size, size)


def test_what_32_bits_cannot_hold(tmp_path: Path) -> None:
    """A member of 5 GiB, sparse on disk, and one behind it."""
    size = 5 * 2**30
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.write(CONTAINER.make_header("large", size, 0))
        file.seek(size, io.SEEK_CUR)
        offset = file.tell()
        file.write(CONTAINER.make_header("small", 5, crc32(b"small")) + b"small")
        start = file.tell()
        directory = CONTAINER.make_record("large", size, 0, 0)
        directory += CONTAINER.make_record("small", 5, crc32(b"small"), offset)
        file.write(directory + CONTAINER.make_end(2, start, len(directory)))

    with zipfile.ZipFile(path) as opened:
        assert [info.file_size for info in opened.infolist()] == [size, 5]
        assert opened.read("small") == b"small"
        with opened.open("large") as member:
            assert member.read(1024) == bytes(1024)
    if unzip := shutil.which("unzip"):
        listed = subprocess.run([unzip, "-p", path, "small"], capture_output=True, check=True)
        assert listed.stdout == b"small"
