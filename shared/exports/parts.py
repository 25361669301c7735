"""One part of an export: a byte range of the file, and what is gathered beside it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable
from zlib import crc32

from shared.exports.composing import StoredFile
from shared.exports.entries import ExportEntry
from shared.exports.plan import ExportPlan, ExportState, Section
from shared.schemas.exports import ExportFailure

# Reads back a section that was put away: the name of its part, then its own.
Read = Callable[[str, str], bytes]


class Sink(Protocol):
    """The destination of the file's bytes; the caller opens and closes it."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""


@runtime_checkable
class ObjectSink(Sink, Protocol):
    """A destination that takes files as they lie in the bucket, too."""

    def include(self, file: StoredFile) -> None:
        """Take all of a file."""


class PartWriter(ABC):
    """Writes a part of an export, and keeps in `state` what it holds.

    Parts know nothing of each other, so they may be written in any order and at the same time. Put
    away the sections of each (`end`) and its state. Then join the states
    (`shared.exports.joining`), and let a writer that begins with the joined one `finish`: it writes
    what follows the last part. `opening`, the parts with `separator` between those that have any
    bytes, and what `finish` wrote are the file, the same bytes wherever it was cut.

    Memory holds one image and the sections of this part (`gathered_bytes`).
    """

    separator = b""

    def __init__(self, plan: ExportPlan, sink: Sink, state: ExportState | None = None) -> None:
        self.plan = plan
        self.state = state or ExportState()
        self._sink = sink
        self._gathered: dict[str, bytearray] = {}

    @abstractmethod
    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image. Entries come in the order of their key; tables need no `content`."""

    def include(self, entry: ExportEntry, file: StoredFile) -> None:
        """Write an image whose bytes stay in the bucket, to a sink that takes it."""
        raise TypeError(f"image {entry.id} is {file.object.name}: this writer takes bytes only")

    def leave_out(
        self,
        failure: ExportFailure,
        withdrawn: ExportEntry | None = None,  # noqa: ARG002 (archives have a table of rights)
    ) -> None:
        """Say that an image could not be exported, where its turn is.

        `withdrawn` is the entry of one that is left out because of its rights.
        """
        self.state.leave_out(failure)

    def end(self) -> dict[str, bytes]:
        """End the part; return its sections by their names, to be put away."""
        return {name: bytes(self._gathered.pop(name)) for name in [*self._gathered]}

    @property
    def opening(self) -> bytes:
        """Return the bytes that precede the first part."""
        return b""

    @abstractmethod
    def finish(self, read: Read) -> None:
        """Write what follows the last part; `read` gives the sections of all parts, as joined."""

    @property
    def gathered_bytes(self) -> int:
        """Bytes that are held in memory until the part ends."""
        return sum(map(len, self._gathered.values()))

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self.state.offset += len(data)

    def _gather(self, section: str, data: bytes) -> None:
        """Keep one whole record or line for later."""
        total = self.state.sections.setdefault(section, Section())
        total.size += len(data)
        total.crc = crc32(data, total.crc)
        self._gathered.setdefault(section, bytearray()).extend(data)

    def _read_section(self, name: str, read: Read) -> Iterator[bytes]:
        """Yield what was gathered under a name, over all parts."""
        for part in self.state.parts:
            if name in part.sections:
                yield read(part.name, name)
