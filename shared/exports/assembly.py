"""Assembles an export's file of its parts and of what lies before, between and behind them."""

import io
from collections.abc import Iterable
from typing import NamedTuple

from shared.exports.formats import make_part_writer
from shared.exports.joining import JoinedParts
from shared.exports.parts import PartWriter, Read, Sink
from shared.exports.plan import ExportPlan, ExportState
from shared.exports.shards import Piece, join_shards


class DescribedPart(NamedTuple):
    """A part by the name of its object, the split that it is of, and what it holds."""

    name: str
    split: str | None
    state: ExportState


class Assembly:
    """The file of an export. `pieces` are in order what it is made of; `finish` writes the last."""

    def __init__(self, plan: ExportPlan, parts: Iterable[DescribedPart], stored: Read) -> None:
        self.pieces: list[Piece] = []
        self._plan = plan
        self._joined = JoinedParts(plan, stored)
        if plan.options.is_sharded:
            self.pieces = join_shards(self._joined, parts)
        else:
            self._join(parts, make_part_writer(plan, io.BytesIO()))

    @property
    def state(self) -> ExportState:
        """Return what the export holds."""
        return self._joined.state

    def finish(self, sink: Sink) -> None:
        """Write what follows the last of `pieces`."""
        make_part_writer(self._plan, sink, self.state).finish(self._joined.read)

    def _join(self, parts: Iterable[DescribedPart], writer: PartWriter) -> None:
        if writer.opening:
            self.pieces.append(writer.opening)
        self.state.offset = len(writer.opening)
        is_first = True
        for name, _, part in parts:
            if part.offset and not is_first and writer.separator:
                self.pieces.append(writer.separator)
            self._joined.add(name, part, gap=len(writer.separator))
            if part.offset:
                self.pieces += part.objects
                is_first = False
