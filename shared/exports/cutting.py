"""Cuts an export into parts: ranges of images that workers build each by itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shared.exports.naming import name_shard

_BESIDE_IMAGE = 4096  # bytes of a sample beside its image, about: headers, padding and texts


class SizedImage(NamedTuple):
    """An image by its position in the order, the bytes that it is stored in, and its split."""

    position: UUID
    size: int
    split: str | None = None


@dataclass(frozen=True)
class Cut:
    """The images of a part: those after one up to another, of one split where it says so."""

    split: str | None
    shard: str | None
    after: UUID | None
    until: UUID


@dataclass(frozen=True)
class CutLimits:
    """The sizes in which to cut: bytes and images of a part, and bytes of a shard, if any.

    Shards are named as in a `layout`.
    """

    part_bytes: int
    part_images: int
    shard_bytes: int | None = None
    layout: str = "webdataset"


@dataclass
class ExportCuts:
    """An export's parts in the order of its file, and how many images they hold.

    Images come in their order (`add`). Where it goes into shards, each split has a set of its own,
    and a part lies in one shard.
    """

    limits: CutLimits
    images: int = 0
    cuts: list[Cut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open: dict[str | None, _OpenPart] = {}

    def add(self, images: Iterable[SizedImage]) -> None:
        """Take in the images that follow."""
        for image in images:
            self.images += 1
            split = image.split if self.limits.shard_bytes else None
            part = self._open.setdefault(split, _OpenPart())
            size = image.size + (_BESIDE_IMAGE if self.limits.shard_bytes else 0)
            is_next_shard = part.ends_shard(size, self.limits)
            if is_next_shard or part.is_full(size, self.limits):
                self._close(split)
            if is_next_shard:
                part.shard, part.shard_bytes = part.shard + 1, 0
            part.add(image.position, size)

    def close(self) -> list[Cut]:
        """Return all parts in the order of the file."""
        for split in self._open:
            self._close(split)
        # Stable: within a shard parts were closed in their order.
        return sorted(self.cuts, key=lambda cut: (cut.split or "", cut.shard or ""))

    def _close(self, split: str | None) -> None:
        part = self._open[split]
        if part.until is not None:
            shard = None
            if self.limits.shard_bytes:
                shard = name_shard(self.limits.layout, split, part.shard)
            self.cuts.append(Cut(split, shard, part.after, part.until))
            part.after, part.until, part.bytes, part.images = part.until, None, 0, 0


@dataclass
class _OpenPart:
    after: UUID | None = None
    until: UUID | None = None
    images: int = 0
    bytes: int = 0
    shard: int = 0
    shard_bytes: int = 0

    def add(self, position: UUID, size: int) -> None:
        self.until = position
        self.images += 1
        self.bytes += size
        self.shard_bytes += size

    def is_full(self, size: int, limits: CutLimits) -> bool:
        return self.images > 0 and (
            self.images >= limits.part_images or self.bytes + size > limits.part_bytes
        )

    def ends_shard(self, size: int, limits: CutLimits) -> bool:
        limit = limits.shard_bytes
        return limit is not None and self.shard_bytes > 0 and self.shard_bytes + size > limit
