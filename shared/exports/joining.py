"""Joins what the parts of an export hold, in the order of the file, whoever wrote them when.

Parts know nothing of each other: what they number begins at 1 in each. So what is numbered through
is numbered anew when the parts are joined, and what the export counts is the sum.
"""

from dataclasses import dataclass, field
from zlib import crc32

from shared.exports.crc32 import combine_crc32
from shared.exports.layout import Layout, Preceding
from shared.exports.layouts import make_layout
from shared.exports.parts import Read
from shared.exports.plan import ExportPlan, ExportState, Section, StoredPart


@dataclass
class JoinedParts:
    """The parts of an export, put together in `state`; `read` gives their sections as joined.

    `state` stands where the last part ends, so `offset` counts `opening` and separators too.
    """

    plan: ExportPlan
    stored: Read
    state: ExportState = field(default_factory=ExportState)

    def __post_init__(self) -> None:
        self._layout: Layout = make_layout(self.plan)
        self._bases: dict[str, Preceding] = {}

    def add(
        self,
        name: str,
        part: ExportState,
        *,
        gap: int = 0,
        within: int = 0,
        shard: str | None = None,
    ) -> None:
        """Join the next part; between two that have bytes lie `gap` more.

        `within` says how far in its shard it begins (bytes), `shard` what this is called if not as
        the part has it.
        """
        base = Preceding(self.state.images, frozenset(self.state.sections), within, shard)
        if gap and part.offset and any(one.size for one in self.state.parts):
            self.state.offset += gap
        self.state.parts.append(
            StoredPart(
                name=name,
                offset=self.state.offset,
                size=part.offset,
                sections=list(part.sections),
            )
        )
        self.state.offset += part.offset
        base.licenses.extend(self.state.join(part))
        self._bases[name] = base
        for section, known in part.sections.items():
            size, crc = known.size, known.crc
            if self._layout.is_numbered(section, base):
                data = self.read(name, section)
                size, crc = len(data), crc32(data)
            total = self.state.sections.setdefault(section, Section())
            total.size, total.crc = total.size + size, combine_crc32(total.crc, crc, size)

    def read(self, name: str, section: str) -> bytes:
        """Return a section of a part, numbered as in the whole export."""
        data, base = self.stored(name, section), self._bases[name]
        if not self._layout.is_numbered(section, base):
            return data
        return self._layout.number(section, data, base)
