"""Check that work on foreign bytes grows no faster than the bytes."""

import gc
import time
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

Maker = Callable[[int], bytes]

# Work that looks at every byte once takes 4 times as long for 4 times the bytes, work that looks
# back at all of them 16 times. The middle tells them apart on a busy machine.
_TIMES = 4
_LIMIT = 8
# What a clock and a cache may add, in seconds.
_SLACK = 0.01


def assert_linear(work: Callable[[bytes], object], make: Maker, size: int) -> None:
    """Fail where 4 times the input takes more than 8 times the CPU time, from `size` bytes on.

    `make` builds an input of about so many bytes. What fails is tried with 4 and 16 times as much,
    where a part that is skipped whatever the size (65,535 bytes by one length of a JPEG) counts for
    less. Takes the best of several runs, so that a busy machine does not fail a test.
    """
    for factor in (1, _TIMES, _TIMES**2):
        failure = _compare(work, make(factor * size), make(_TIMES * factor * size))
        if not failure:
            return
    raise AssertionError(failure)


def _compare(work: Callable[[bytes], object], data: bytes, larger: bytes) -> str:
    small = min(measure_cpu(lambda: work(data)) for _ in range(3))
    large = measure_cpu(lambda: work(larger))
    for _ in range(3):
        if large <= _LIMIT * small + _SLACK:
            return ""
        small = measure_cpu(lambda: work(data))
        large = min(large, measure_cpu(lambda: work(larger)))
    return f"{len(data)} bytes: {small:.4f} s; {len(larger)} bytes: {large:.4f} s"


def measure_cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call.

    Without collections of garbage: they look at all that the tests before have left.
    """
    gc.disable()
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()


def repetitions(tokens: Sequence[bytes]) -> st.SearchStrategy[Maker]:
    """Makers of inputs that repeat a few tokens between a beginning and an end.

    That is the shape of what makes a parser try again: each of many places looks like the start of
    something that never ends.
    """
    few = st.lists(st.sampled_from(tokens) | st.binary(min_size=1, max_size=3), max_size=3).map(
        b"".join
    )
    return st.builds(_repeat, few, few.filter(bool), few)


def _repeat(start: bytes, unit: bytes, end: bytes) -> Maker:
    def make(size: int) -> bytes:
        return start + unit * (size // len(unit)) + end

    # What a failing example shows.
    make.__qualname__ = f"repeat({start!r}, {unit!r}, {end!r})"
    return make
