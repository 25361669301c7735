"""The order in which a loader yields samples: shuffled, and yet read in long ranges.

Samples lie in blocks of neighbours. Blocks come in a random order, some of them at a time (a
window), and the samples of a window in a random order. So what is read at once is a block, and what
is far apart in the file comes together. With blocks of one sample the order is a permutation of
all samples with nothing of their neighbourhood left.

Each place is computed from the seed and the epoch; nothing else is needed to go on anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pixmill.permutation import Permutation


@dataclass(frozen=True)
class Window:
    """Samples that are mixed with each other: their first position in the order, and numbers."""

    start: int
    blocks: tuple[range, ...]
    samples: tuple[int, ...]


class SampleOrder:
    """The order of `size` samples in one epoch."""

    def __init__(self, size: int, block: int, window: int, seed: int, epoch: int) -> None:
        self._size, self._block, self._window = size, block, window
        self._key = f"{seed}/{epoch}"
        count = -(-size // block)
        self._order = Permutation(count, f"{self._key}/blocks") if size else None
        self._count = count
        # The last block may be short; behind its window all begin that much earlier.
        self._lack = count * block - size
        self._short = self._order.find(count - 1) if self._order else 0

    def read_windows(self, position: int) -> Iterator[Window]:
        """Yield the windows from the one in which a position lies."""
        per_window = self._window * self._block
        behind = (self._short // self._window + 1) * per_window - self._lack
        number = (position if position < behind else position + self._lack) // per_window
        while number * self._window < self._count and position < self._size:
            yield self._make(number)
            number += 1

    def _make(self, number: int) -> Window:
        if self._order is None:
            raise ValueError("there are no samples")
        first = number * self._window
        places = range(first, min(first + self._window, self._count))
        blocks = tuple(self._find_block(self._order[place]) for place in places)
        start = first * self._block - (self._lack if first > self._short else 0)
        samples = [sample for block in blocks for sample in block]
        mixed = Permutation(len(samples), f"{self._key}/{number}")
        return Window(start, blocks, tuple(samples[mixed[n]] for n in range(len(samples))))

    def _find_block(self, number: int) -> range:
        return range(number * self._block, min((number + 1) * self._block, self._size))
