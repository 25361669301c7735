"""Reads the samples of an export in a shuffled order that goes on exactly where it was left.

    from pixmill.loader import Loader

    loader = Loader("cats.tar", split="train", seed=7)
    for sample in loader:
        train(sample["jpg"], sample["cls"])
        save(loader.state)  # {"seed": 7, "epoch": 0, "position": 1}

`Loader(…, **state)` goes on with the sample that comes next: the order is a function of seed and
epoch, the same over any number of ranks and workers. It needs the export's layout `webdataset` with
shards (splits or `shard_bytes`), from a file, an address or the folder that it was unpacked to.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple

from pixmill.order import SampleOrder, Window
from pixmill.shards import Shards, Source, open_shards, unpack_sample

_BLOCK_BYTES = 512 * 1024  # about, of what one request reads
_WINDOW_BYTES = 32 * 1024 * 1024  # about, of what is mixed; two of them are in memory
_GAP = 64 * 1024  # bytes between two samples that are read along rather than by another request


class _Run(NamedTuple):
    """Neighbouring samples that one request reads."""

    shard: int
    start: int
    end: int
    samples: tuple[int, ...]


class Loader:
    """The samples of an export from `position` on, in the order of a seed and an epoch.

    Each is a dictionary of bytes by the endings of its files, with its key as `__key__`. Of `ranks`
    readers the one with the number `rank` yields each `ranks`-th sample, so together they yield the
    order of one alone. `block` and `window` (samples of a block, blocks of a window: `order.py`)
    follow from the size of samples where they are not given; who goes on with another export gives
    them. Samples are checked by the SHA-256 of their index unless `verify` is false.
    """

    def __init__(
        self,
        source: Source | Shards,
        *,
        split: str | None = None,
        seed: int = 0,
        epoch: int = 0,
        position: int = 0,
        rank: int = 0,
        ranks: int = 1,
        block: int | None = None,
        window: int | None = None,
        threads: int = 8,
        verify: bool = True,
    ) -> None:
        if not 0 <= rank < ranks:
            raise ValueError(f"rank {rank} is none of {ranks}: they count from 0")
        if min(position, epoch) < 0 or min(block or 1, window or 1, threads) < 1:
            raise ValueError("position and epoch count from 0; block, window, threads are from 1")
        self.shards = source if isinstance(source, Shards) else open_shards(source, split, threads)
        mean = max(1, sum(self.shards.lengths) // max(1, len(self.shards)))
        self.block = block or max(1, _BLOCK_BYTES // mean)
        self.window = window or max(1, _WINDOW_BYTES // (self.block * mean))
        self.seed, self.epoch, self.position = seed, epoch, position
        self._rank, self._ranks = rank, ranks
        self._threads, self._verify = threads, verify

    def __len__(self) -> int:
        """Return how many samples an epoch has, over all ranks."""
        return len(self.shards)

    @property
    def state(self) -> dict[str, int]:
        """Return the state to go on with after the sample that was yielded last, of all ranks."""
        return {"seed": self.seed, "epoch": self.epoch, "position": self.position}

    def __iter__(self) -> Iterator[dict[str, bytes]]:
        """Yield what is left of the epoch; the next call begins the next one."""
        for place, data in self.read_places():
            self.position = place - self._rank + self._ranks
            yield unpack_sample(data)
        self.epoch, self.position = self.epoch + 1, 0

    def read_places(
        self, worker: int = 0, workers: int = 1, batch_size: int = 1
    ) -> Iterator[tuple[int, memoryview]]:
        """Yield position and bytes of the rank's samples, of which workers take batches in turn."""
        order = SampleOrder(len(self.shards), self.block, self.window, self.seed, self.epoch)
        begin = self.position
        waiting: deque[tuple[dict[int, int], list[tuple[_Run, Future[bytes]]]]] = deque()
        with closing(self.shards), ThreadPoolExecutor(self._threads, "read") as pool:
            try:
                for window in order.read_windows(begin):
                    places = {}
                    for place, sample in enumerate(window.samples, window.start):
                        step, rank = divmod(place - begin, self._ranks)
                        is_of_worker = step // batch_size % workers == worker
                        if place >= begin and rank == self._rank and is_of_worker:
                            places[place] = sample
                    runs = [
                        (run, pool.submit(self.shards.read, run.shard, run.start, run.end))
                        for run in self._plan(window, frozenset(places.values()))
                    ]
                    waiting.append((places, runs))
                    if len(waiting) > 1:
                        yield from self._take(*waiting.popleft())
                while waiting:
                    yield from self._take(*waiting.popleft())
            finally:
                for _, runs in waiting:
                    for _, future in runs:
                        future.cancel()

    def _take(
        self, places: dict[int, int], runs: list[tuple[_Run, Future[bytes]]]
    ) -> Iterator[tuple[int, memoryview]]:
        shards, found = self.shards, dict[int, memoryview]()
        for run, future in runs:
            data = memoryview(future.result())
            for sample in run.samples:
                start = shards.offsets[sample] - run.start
                found[sample] = data[start : start + shards.lengths[sample]]
        for place, sample in places.items():
            data = found.pop(sample)
            if self._verify:
                shards.check(sample, bytes(data))
            yield place, data

    def _plan(self, window: Window, wanted: frozenset[int]) -> Iterator[_Run]:
        """Yield the requests for the samples that are wanted of a window."""
        shards = self.shards
        for block in sorted(window.blocks, key=lambda block: block.start):
            open_: _Run | None = None
            for sample in block:
                if sample not in wanted:
                    continue
                shard, start = shards.of_shard[sample], shards.offsets[sample]
                end = start + shards.lengths[sample]
                if open_ and open_.shard == shard and start - open_.end <= _GAP:
                    open_ = open_._replace(end=end, samples=(*open_.samples, sample))
                    continue
                if open_:
                    yield open_
                open_ = _Run(shard, start, end, (sample,))
            if open_:
                yield open_


def to_torch(loader: Loader, batch_size: int = 1) -> Any:
    """Return a torch `IterableDataset` of the loader's samples, for a `DataLoader`.

    Give it the same `batch_size` as the `DataLoader`: then its workers take a batch in turn, and
    samples come in the same order with any number of workers. Needs the package `torch`. The
    loader's `position` is that at the start: count what you took, as workers read ahead.
    """
    from torch.utils.data import IterableDataset, get_worker_info

    class Samples(IterableDataset):  # type: ignore[misc, type-arg, unused-ignore]
        def __iter__(self) -> Iterator[dict[str, bytes]]:
            worker = get_worker_info()
            number, count = (worker.id, worker.num_workers) if worker else (0, 1)
            taken = loader.read_places(number, count, batch_size)
            return (unpack_sample(data) for _, data in taken)

    return Samples()
