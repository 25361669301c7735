"""A tar of tars: samples of several splits, each split in tars of its own."""

from zlib import crc32

from shared.exports.archives import ArchiveWriter
from shared.exports.entries import ExportEntry
from shared.exports.parts import Read, Sink
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.tar import TarContainer
from shared.exports.webdataset import name_shard

OPEN_BYTES = 64 * 1024 * 1024  # of all shards that are not yet written
_PIECE = 8 * 1024 * 1024
_OPEN = "shard-"


class ShardWriter(ArchiveWriter):
    """A part of a tar that holds shards.

    A header states the size of what follows, and images of all splits come in turn. So a shard of
    each split is in memory until it is large enough, and between two parts it is put away.
    """

    def __init__(self, plan: ExportPlan, state: ExportState, sink: Sink, read: Read) -> None:
        super().__init__(plan, state, sink, TarContainer())
        self._limit = OPEN_BYTES // len(plan.options.splits or (None,))
        self._shards: dict[str, bytearray] = {}
        for section in state.parts[-1].sections if state.parts else ():
            if section.startswith(_OPEN):
                shard = read(state.parts[-1].name, section)
                self._shards[section.removeprefix(_OPEN)] = bytearray(shard)

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image's sample, without what readers refuse the image for."""
        super().add(entry, content)
        split = str(entry.split)
        if len(self._shards[split]) >= self._limit:
            self._close_shard(split)

    def finish(self, read: Read) -> None:
        """Write the shards that are open, the descriptions and the end."""
        for split in sorted(self._shards):
            self._close_shard(split)
        super().finish(read)

    def pause(self, part: str) -> dict[str, bytes]:
        """End the part named `part`; the caller puts away its sections, given by their names."""
        self._gathered.update((_OPEN + split, shard) for split, shard in self._shards.items())
        return super().pause(part)

    def _add_file(self, entry: ExportEntry, name: str, data: bytes) -> None:
        shard = self._shards.setdefault(str(entry.split), bytearray())
        shard += self._container.make_header(name, len(data), crc32(data))
        shard += data
        shard += self._container.make_padding(len(data))

    def _close_shard(self, split: str) -> None:
        shard = self._shards.pop(split)
        shard += self._container.make_end(0, len(shard), 0)
        self._open(name_shard(split, self.state), len(shard), 0)
        for start in range(0, len(shard), _PIECE):
            self._write(bytes(shard[start : start + _PIECE]))
        self.state.shards[split] = self.state.shards.get(split, 0) + 1
