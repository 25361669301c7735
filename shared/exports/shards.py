"""A tar of tars: samples in shards, each with an index of where its samples lie.

A header states the size of what follows. So parts hold samples alone, and headers of shards are put
between them once all parts are there (`join_shards`).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from zlib import crc32

from shared.exports.archives import ArchiveWriter
from shared.exports.entries import ExportEntry
from shared.exports.joining import JoinedParts
from shared.exports.layout import ArchiveMember
from shared.exports.lines import to_json
from shared.exports.naming import name_shard
from shared.exports.parts import Read, Sink
from shared.exports.plan import ExportPlan, ExportState, Shard
from shared.exports.tar import TarContainer
from shared.exports.webdataset import name_index

CATALOGUE = "shards.json"

Piece = str | bytes  # of a file: the name of an object, or what lies between two


class ShardWriter(ArchiveWriter):
    """A part of a shard; of the whole export, what follows the shards."""

    def __init__(self, plan: ExportPlan, sink: Sink, state: ExportState | None = None) -> None:
        super().__init__(plan, sink, TarContainer(), state)
        self._sample = hashlib.sha256()

    def add(self, entry: ExportEntry, content: bytes = b"") -> None:
        """Write an image's sample, and say where it lies."""
        start = self.state.offset
        self._sample = hashlib.sha256()
        super().add(entry, content)
        place = {
            "key": self._layout.name_image(entry).rpartition(".")[0],
            "offset": start,
            "length": self.state.offset - start,
            "sha256": self._sample.hexdigest(),
        }
        self._gather(name_index(str(self.state.shard)), to_json(place) + b"\n")

    def finish(self, read: Read) -> None:
        """Write the indexes, the descriptions, and last the catalogue of the shards."""
        catalogue = []
        for shard in self.state.shards:
            index = f"{shard.name}.jsonl"
            size = self.state.sections[shard.section].size
            self._write_gathered(ArchiveMember(index, (shard.section,)), read)
            end = self.state.offset - len(self._container.make_padding(size))
            place = {"name": index, "offset": end - size, "size": size}
            shown = shard.model_dump(exclude={"section"}) | {
                "name": f"{shard.name}.tar",
                "index": place,
            }
            catalogue.append(shown)
        self._write_closing(read)
        data = to_json({"shards": catalogue}) + b"\n"
        self._open(CATALOGUE, len(data), crc32(data))
        self._write(data + self._container.make_padding(len(data)))
        self._write(self._container.make_end(self.state.members, self.state.offset, 0))

    def _write(self, data: bytes) -> None:
        super()._write(data)
        self._sample.update(data)


def join_shards(
    joined: JoinedParts, parts: Iterable[tuple[str, str | None, ExportState]]
) -> list[Piece]:
    """Join parts, given in order by name, split and state; return the pieces of the file so far.

    A shard of which no image could be exported is left out, and those behind it move up: readers
    take names with numbers in braces, without a gap, and `datasets` no tar that is empty.
    """
    container, pieces, state = TarContainer(), list[Piece](), joined.state
    counts = Counter[str | None]()
    for planned, group in groupby(parts, key=lambda part: str(part[2].shard)):
        of_shard = list(group)
        split = of_shard[0][1]
        shard = name_shard("webdataset", split, counts[split])
        size = sum(one.offset for _, _, one in of_shard)
        end = container.make_end(0, size, 0)
        header = container.make_header(f"{shard}.tar", size + len(end), 0)
        if size:
            state.offset += len(header)
        start = state.offset
        for name, _, part in of_shard:
            moved = None if shard == planned else shard
            joined.add(name, part, within=state.offset - start, shard=moved)
        if size:
            state.offset += len(end)
            state.members += 1
            samples = sum(one.images for _, _, one in of_shard)
            counts[split] += 1
            found = Shard(
                name=shard,
                section=name_index(planned),
                split=split,
                offset=start,
                size=size + len(end),
                samples=samples,
            )
            state.shards.append(found)
            pieces += [header, *(one for _, _, part in of_shard for one in part.objects), end]
    return pieces
