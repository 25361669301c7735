"""One part of an export: a byte range of the file, and what is gathered beside it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol
from zlib import crc32

from shared.exports.entries import ExportEntry
from shared.exports.plan import ExportPlan, ExportState, PausedPart, Section
from shared.schemas.exports import ExportFailure

# Reads back a section that was put away: the name of its part, then its own.
Read = Callable[[str, str], bytes]


class Sink(Protocol):
    """The destination of the file's bytes; the caller opens and closes it."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""


class PartWriter(ABC):
    """Writes an export from where `state` stands, and keeps `state` up to date.

    After the dataset's last image, `finish` ends the file in the same sink. To go on elsewhere,
    `pause` instead: put away the sections and the state, and start the next writer from the state.
    The parts joined in order are the file, the same bytes wherever it was cut.

    Memory holds one image and the sections of this part (`gathered_bytes`).
    """

    def __init__(self, plan: ExportPlan, state: ExportState, sink: Sink) -> None:
        self.plan = plan
        self.state = state
        self._sink = sink
        self._hash = hashlib.sha256()
        self._gathered: dict[str, bytearray] = {}

    @abstractmethod
    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image. Entries come in the order of their key; tables need no `content`."""

    def leave_out(
        self,
        failure: ExportFailure,
        withdrawn: ExportEntry | None = None,  # noqa: ARG002 (archives have a table of rights)
    ) -> None:
        """Say that an image could not be exported, where its turn is.

        `withdrawn` is the entry of one that is left out because of its rights.
        """
        self.state.leave_out(failure)

    @abstractmethod
    def finish(self, read: Read) -> None:
        """Write what follows the last image; `read` gives the sections of earlier parts."""

    def pause(self, part: str) -> dict[str, bytes]:
        """End the part named `part`; the caller puts away its sections, given by their names."""
        sections = {name: bytes(self._gathered.pop(name)) for name in [*self._gathered]}
        self.state.parts.append(PausedPart(name=part, sections=list(sections)))
        return sections

    @property
    def gathered_bytes(self) -> int:
        """Bytes that are held in memory until the part ends."""
        return sum(map(len, self._gathered.values()))

    @property
    def sha256(self) -> str:
        """SHA-256 of what this part wrote: of the file, when there is no other part."""
        return self._hash.hexdigest()

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self._hash.update(data)
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
        yield bytes(self._gathered.get(name, b""))
