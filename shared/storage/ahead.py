"""Reads objects ahead of whoever takes them, within a budget of bytes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_AT_ONCE = 8
_READ_AHEAD = 64 * 1024 * 1024  # bytes of objects that nobody has taken yet
_USUAL_SIZE = 8 * 1024 * 1024  # bytes; of an object whose size the caller does not know

Result = TypeVar("Result")


def read_ahead(
    reads: Iterable[tuple[Callable[[], Result], int | None]],
) -> Iterator[Result | Exception]:
    """Yield in order what the calls return, given with the bytes that they read, if known.

    In place of what raises stands the exception. Some are called ahead, 8 at once, and no more than
    64 MiB beside the one that comes next.
    """
    waiting: deque[tuple[Future[Result | Exception], int]] = deque()
    ahead = 0
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="read") as pool:
        try:
            for read, size in reads:
                expected = _USUAL_SIZE if size is None else size
                while waiting and (ahead + expected > _READ_AHEAD or len(waiting) >= 4 * _AT_ONCE):
                    future, of_first = waiting.popleft()
                    ahead -= of_first
                    yield future.result()
                waiting.append((pool.submit(try_call, read), expected))
                ahead += expected
            while waiting:
                yield waiting.popleft()[0].result()
        finally:
            for future, _ in waiting:
                future.cancel()


def try_call(call: Callable[[], Result]) -> Result | Exception:
    """Return what the call returns, or the exception that it raises."""
    try:
        return call()
    except Exception as error:
        return error
