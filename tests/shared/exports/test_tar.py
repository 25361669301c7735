"""The tar format's records, judged by `tarfile`."""

import io
import tarfile

import pytest

from shared.exports.tar import TarContainer

CONTAINER = TarContainer()


def archive(members: list[tuple[str, bytes]]) -> bytes:
    body = bytearray()
    for name, data in members:
        body += CONTAINER.make_header(name, len(data), 0) + data + CONTAINER.make_padding(len(data))
    return bytes(body + CONTAINER.make_end(len(members), len(body), 0))


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 10240])
def test_members_have_plain_terms(size: int) -> None:
    names = ["a/b.txt", "long/" * 30 + "name", "ü"]
    data = archive([(name, b"x" * size) for name in names])

    assert len(data) % tarfile.RECORDSIZE == 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as opened:
        for member, name in zip(opened, names, strict=True):
            content = opened.extractfile(member)
            assert content is not None
            assert content.read() == b"x" * size
            assert (member.name, member.mode, member.mtime) == (name, 0o644, 0)
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")


def test_more_than_octal_digits_hold() -> None:
    header = CONTAINER.make_header("large", 9 * 2**30, 0)

    assert tarfile.TarInfo.frombuf(header[-512:], "utf-8", "strict").name == "large"
    with tarfile.open(fileobj=io.BytesIO(header)) as opened:
        member = opened.next()
        assert member is not None
        assert member.size == 9 * 2**30
