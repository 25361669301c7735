"""Tar members, byte for byte: POSIX.1-2001 (pax), which is plain ustar up to its limits."""

import tarfile

from shared.exports.container import Container


class TarContainer(Container):
    """The bytes around members' data in a tar, which has neither checksums nor a directory."""

    def make_header(self, name: str, size: int, crc: int) -> bytes:
        """Return what precedes a member's data of `size` bytes."""
        member = tarfile.TarInfo(name)
        member.size = size
        return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")

    def make_padding(self, size: int) -> bytes:
        """Return what follows a member's data of `size` bytes."""
        return bytes(-size % tarfile.BLOCKSIZE)

    def make_end(self, members: int, offset: int, size: int) -> bytes:
        """Return what closes a file of `offset` bytes: two empty blocks, up to a whole record."""
        blocks = 2 * tarfile.BLOCKSIZE
        return bytes(blocks + -(offset + blocks) % tarfile.RECORDSIZE)
