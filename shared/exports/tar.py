"""Tar members, byte for byte: POSIX.1-2001 (pax), which is plain ustar up to its limits."""

import tarfile


def header(name: str, size: int, crc: int) -> bytes:
    """Return what precedes a member's data of `size` bytes; tar has no checksum of the data."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def padding(size: int) -> bytes:
    """Return what follows a member's data of `size` bytes."""
    return bytes(-size % tarfile.BLOCKSIZE)


def record(name: str, size: int, crc: int, offset: int) -> bytes:
    """Nothing: tar has no directory."""
    return b""


def end(members: int, offset: int, size: int) -> bytes:
    """What closes a file of `offset` bytes: two empty blocks, filled up to a whole record."""
    blocks = 2 * tarfile.BLOCKSIZE
    return bytes(blocks + -(offset + blocks) % tarfile.RECORDSIZE)
