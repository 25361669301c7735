"""The shards of an export, read by ranges: of a file that lies here or is served, or unpacked."""

import json
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pixmill.errors import BadSource, TransferFailed
from pixmill.ranges import FileRanges, Ranges, WebRanges

_CATALOGUE = "shards.json"
_BLOCK = 512  # bytes of a block of a tar
_TAIL = 1024 * 1024  # bytes at the end of a file in which the catalogue is looked for first

# A path, an address, or what returns one: signed addresses run out, and are asked for again.
Source = str | Path | Callable[[], str]


@dataclass
class Shards:
    """The samples of an export in the order in which they lie, by the index of each shard."""

    ranges: dict[str, Ranges]
    names: list[str] = field(default_factory=list)
    of_shard: "array[int]" = field(default_factory=lambda: array("L"))
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    lengths: "array[int]" = field(default_factory=lambda: array("Q"))
    digests: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        """Return how many samples there are."""
        return len(self.offsets)

    def read(self, shard: int, start: int, end: int) -> bytes:
        """Return bytes of a shard's source. Raises `TransferFailed`."""
        return self.ranges[self.names[shard]].read(start, end)

    def close(self) -> None:
        """Close connections and files; the next read opens them again."""
        for ranges in self.ranges.values():
            ranges.close()

    def check(self, sample: int, data: bytes) -> None:
        """Raise `TransferFailed` for bytes that are not those of the sample."""
        if sha256(data).digest() != self.digests[32 * sample : 32 * sample + 32]:
            raise TransferFailed(f"Sample {sample} is not what its index says: export it again.")


def open_shards(source: Source, split: str | None = None, threads: int = 8) -> Shards:
    """Read the catalogue and the indexes of an export in the layout `webdataset` with shards.

    `source` is the file, the folder that it was unpacked to, or an address of the file. Raises
    `BadSource` where there are no shards, or none of that split.
    """
    folder = Path(source) if isinstance(source, str | Path) else None
    if folder is not None and folder.is_dir():
        catalogue = folder / _CATALOGUE
        if not catalogue.exists():
            raise BadSource(f"{folder} has no {_CATALOGUE}: unpack an export with shards there.")
        listed = json.loads(catalogue.read_bytes())["shards"]
        places = [_place_in_folder(folder, shard) for shard in listed]
    else:
        is_web = callable(source) or str(source).startswith(("http://", "https://"))
        ranges = WebRanges(source) if is_web else FileRanges(Path(str(source)))  # type: ignore[arg-type]
        with closing(ranges):
            listed = _read_catalogue(ranges)
        places = [_place_in_file(ranges, shard) for shard in listed]
    chosen = [one for one in places if split in (None, one.split)]
    if not chosen:
        splits = sorted({str(one.split) for one in places})
        raise BadSource(f"There are no samples of {split}: the splits are {', '.join(splits)}.")
    return _read_indexes(chosen, threads)


@dataclass(frozen=True)
class _Place:
    name: str
    split: str | None
    ranges: Ranges
    offset: int
    index: Ranges
    index_start: int
    index_end: int


def _place_in_folder(folder: Path, shard: dict[str, Any]) -> _Place:
    index = shard["index"]
    ranges, lines = FileRanges(folder / shard["name"]), FileRanges(folder / index["name"])
    return _Place(shard["name"], shard["split"], ranges, 0, lines, 0, index["size"])


def _place_in_file(ranges: Ranges, shard: dict[str, Any]) -> _Place:
    start = shard["index"]["offset"]
    end = start + shard["index"]["size"]
    return _Place(shard["name"], shard["split"], ranges, shard["offset"], ranges, start, end)


def _read_catalogue(ranges: Ranges) -> list[dict[str, Any]]:
    """Find the last member of a tar, from its end."""
    size, tail = ranges.find_size(), _TAIL
    while True:
        start = max(0, size - tail) // _BLOCK * _BLOCK
        data = ranges.read(start, size)
        for at in range(len(data) // _BLOCK * _BLOCK - _BLOCK, -1, -_BLOCK):
            if data.startswith(_CATALOGUE.encode() + b"\0", at) and _is_header(data, at):
                length = int(data[at + 124 : at + 135], 8)
                found = json.loads(data[at + _BLOCK : at + _BLOCK + length])["shards"]
                return list(found)
        if start == 0:
            raise BadSource("There are no shards: export by layout webdataset with shard_bytes.")
        tail *= 8


def _is_header(data: bytes, at: int) -> bool:
    block = data[at : at + _BLOCK]
    total = sum(block) - sum(block[148:156]) + 8 * 0x20  # its own field counts as blanks
    return block[257:262] == b"ustar" and block[148:154] == b"%06o" % total


def _read_indexes(places: list[_Place], threads: int) -> Shards:
    shards = Shards({one.name: one.ranges for one in places}, [one.name for one in places])

    def read(place: _Place) -> bytes:
        return place.index.read(place.index_start, place.index_end)

    with ThreadPoolExecutor(threads, thread_name_prefix="index") as pool:
        for number, (place, lines) in enumerate(zip(places, pool.map(read, places), strict=True)):
            for line in lines.splitlines():
                sample = json.loads(line)
                shards.of_shard.append(number)
                shards.offsets.append(place.offset + sample["offset"])
                shards.lengths.append(sample["length"])
                shards.digests += bytes.fromhex(sample["sha256"])
    for place in places:
        place.index.close()
    return shards


def unpack_sample(data: bytes | memoryview) -> dict[str, bytes]:
    """Return the files of a sample by their endings, and its key as `__key__`."""
    view, at, files = memoryview(data), 0, dict[str, bytes]()
    while at + _BLOCK <= len(view):
        name = bytes(view[at : at + 100]).rstrip(b"\0").decode()
        size = int(bytes(view[at + 124 : at + 135]), 8)
        key, _, ending = name.partition(".")
        files["__key__"] = key.encode()
        files[ending] = bytes(view[at + _BLOCK : at + _BLOCK + size])
        at += _BLOCK + -(-size // _BLOCK) * _BLOCK
    return files
