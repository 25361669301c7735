"""Zip and tar: the images as they come, then what was gathered about them, then the directory."""

import struct
from collections.abc import Iterator
from io import SEEK_END
from itertools import chain
from tempfile import TemporaryFile
from typing import IO
from zlib import crc32

from shared.exports.composing import StoredFile
from shared.exports.container import Container
from shared.exports.crc32 import combine_crc32
from shared.exports.entries import ExportEntry, to_row
from shared.exports.layout import LEFT_OUT, ArchiveMember, WriteTable
from shared.exports.layouts import make_layout
from shared.exports.lines import to_sheet_line
from shared.exports.parts import ObjectSink, PartWriter, Read, Sink
from shared.exports.plan import ExportPlan, ExportState, Section
from shared.exports.refusals import leave_out_refused
from shared.exports.rights import to_rights_lines
from shared.schemas.exports import ExportFailure

_DIRECTORY = "directory"
_PIECE = 1024 * 1024
_MEMBER = struct.Struct("<QQLH")  # where its header begins in its part, size, CRC-32, name's length


class ArchiveWriter(PartWriter):
    """A part of a zip or tar."""

    def __init__(
        self,
        plan: ExportPlan,
        sink: Sink,
        container: Container,
        state: ExportState | None = None,
    ) -> None:
        super().__init__(plan, sink, state)
        self._container = container
        self._layout = make_layout(plan)

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image, without what readers refuse it for, and the files beside it."""
        self._add_image(*leave_out_refused(entry, content))

    def include(self, entry: ExportEntry, file: StoredFile) -> None:
        """Write an image that is not changed, and the files beside it."""
        self._add_image(entry, file)

    def _add_image(self, entry: ExportEntry, content: bytes | StoredFile) -> None:
        name = self._layout.name_image(entry)
        shown = to_row(entry, name) | {LEFT_OUT: entry.left_out}
        self._add_file(name, content)
        for companion, data in self._layout.make_companions(entry, shown):
            self._add_file(companion, data)
        for section, data in self._layout.make_records(entry, shown, self.state):
            self._gather(section, data)
        self.state.add(entry)

    def leave_out(self, failure: ExportFailure, withdrawn: ExportEntry | None = None) -> None:
        """Name the image in the archive's list of failures, its rights in the table of these."""
        super().leave_out(failure, withdrawn)
        if withdrawn is not None and withdrawn.rights:
            self._gather("rights", to_rights_lines(withdrawn, None))
        self._gather("failures", to_sheet_line(failure.model_dump(mode="json").values()))

    def finish(self, read: Read) -> None:
        """Write the descriptions and the directory."""
        self._write_closing(read)
        start = self.state.offset
        for record in self._make_records(read):
            self._write(record)
        size = self.state.offset - start
        self._write(self._container.make_end(self.state.members, start, size))

    def _write_closing(self, read: Read) -> None:
        for member in self._layout.make_closing_members(self.state):
            if member.write_table is not None:
                self._write_table(member, member.write_table, read)
            else:
                self._write_gathered(member, read)

    def _make_records(self, read: Read) -> Iterator[bytes]:
        """Yield the directory; members know their places in their part, which has its in the file.

        What this writer itself wrote lies where the file stands.
        """
        known = (
            (part.offset, read(part.name, _DIRECTORY))
            for part in self.state.parts
            if _DIRECTORY in part.sections
        )
        for base, data in chain(known, [(0, bytes(self._gathered.get(_DIRECTORY, b"")))]):
            at = 0
            while at < len(data):
                offset, size, crc, length = _MEMBER.unpack_from(data, at)
                at += _MEMBER.size + length
                name = data[at - length : at].decode()
                yield self._container.make_record(name, size, crc, base + offset)

    def _add_file(self, name: str, content: bytes | StoredFile) -> None:
        if isinstance(content, StoredFile):
            size = content.size
            self._open(name, size, content.crc32)
            self._write_file(content)
        else:
            size = len(content)
            self._open(name, size, crc32(content))
            self._write(content)
        self._write(self._container.make_padding(size))

    def _write_file(self, file: StoredFile) -> None:
        if not isinstance(self._sink, ObjectSink):
            raise TypeError("the sink takes bytes only")
        self._sink.include(file)
        self.state.offset += file.size

    def _write_gathered(self, member: ArchiveMember, read: Read) -> None:
        """Write a file whose pieces lie in several parts; its size and CRC are known beforehand."""
        size = crc = 0
        for piece in member.pieces:
            if isinstance(piece, str):
                known = self.state.sections.get(piece, Section())
            else:
                known = Section(size=len(piece), crc=crc32(piece))
            size += known.size
            crc = combine_crc32(crc, known.crc, known.size)
        self._open(member.name, size, crc)
        for piece in member.pieces:
            for data in self._read_section(piece, read) if isinstance(piece, str) else (piece,):
                self._write(data)
        self._write(self._container.make_padding(size))

    def _write_table(self, member: ArchiveMember, write: WriteTable, read: Read) -> None:
        """Write a table, whose size is known only once it is made."""
        names = [piece for piece in member.pieces if isinstance(piece, str)]
        pieces = ((name, piece) for name in names for piece in self._read_section(name, read))
        with TemporaryFile() as file:
            write(pieces, file)
            self._add_stored(member.name, file)

    def _add_stored(self, name: str, file: IO[bytes]) -> None:
        """Write a file that is there, read from its beginning."""
        size, crc = file.seek(0, SEEK_END), 0
        file.seek(0)
        while piece := file.read(_PIECE):
            crc = crc32(piece, crc)
        self._open(name, size, crc)
        file.seek(0)
        while piece := file.read(_PIECE):
            self._write(piece)
        self._write(self._container.make_padding(size))

    def _open(self, name: str, size: int, crc: int) -> None:
        if self._container.has_directory:
            raw = name.encode()
            self._gather(_DIRECTORY, _MEMBER.pack(self.state.offset, size, crc, len(raw)) + raw)
        self._write(self._container.make_header(name, size, crc))
        self.state.members += 1
