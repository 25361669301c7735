"""The bytes around the members of an archive."""

from abc import ABC, abstractmethod


class Container(ABC):
    """A kind of archive. Sizes and offsets in bytes; `crc` is the data's CRC-32."""

    has_directory = False

    @abstractmethod
    def make_header(self, name: str, size: int, crc: int) -> bytes:
        """Return what precedes a member's data."""

    def make_padding(self, size: int) -> bytes:
        """Return what follows a member's data: nothing, unless the kind has it."""
        return b""

    def make_record(self, name: str, size: int, crc: int, offset: int) -> bytes:
        """Return a member's record in the directory, if the kind has one.

        `offset` is where the member's header begins.
        """
        return b""

    @abstractmethod
    def make_end(self, members: int, offset: int, size: int) -> bytes:
        """Return what follows the directory of `size` bytes that begins at `offset`."""
