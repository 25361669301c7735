"""The cost of limits to a call, beside one row that all processes would write.

Four processes count calls of one key as fast as they can for five seconds.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.queues import Queue

from sqlalchemy import Engine, text

from shared.accounts.call_counter import CallCounter, CallLimit
from tests.databases import connect_to, migrate, temporary_server

_PROCESSES, _SECONDS = 4, 5
_LIMIT = CallLimit("key", 1_000_000)
_ONE_ROW = text("UPDATE one_row SET calls = calls + 1 RETURNING calls")

_WRITTEN = text(
    "SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'call_counts'"
)


def measure() -> None:
    """Print calls a second, and milliseconds of a call: its median, its 99 % and its mean."""
    with temporary_server() as server:
        migrate(server.url)
        engine = connect_to(server.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE one_row (calls integer NOT NULL)"))
            connection.execute(text("INSERT INTO one_row VALUES (0)"))
        for name, counts in (("counted here", _count_here), ("one row for all", _count_in_row)):
            number, times = _run(server.url, counts)
            cuts = statistics.quantiles(times, n=100)
            print(
                f"  {name}: {number / _SECONDS:,.0f} calls/s, {cuts[49] * 1e3:.3f} ms, "
                f"99 % {cuts[98] * 1e3:.2f} ms, mean {statistics.fmean(times) * 1e3:.3f} ms"
            )
        with engine.connect() as connection:
            reports = connection.scalar(_WRITTEN)
        print(f"  rows written by those counted here: {reports}")
        engine.dispose()


def _run(url: str, counts: Callable[[Engine], Callable[[], None]]) -> tuple[int, list[float]]:
    context = multiprocessing.get_context("spawn")
    found: Queue[tuple[int, list[float]]] = context.Queue()
    processes = [
        context.Process(target=_work, args=(url, counts, found)) for _ in range(_PROCESSES)
    ]
    for one in processes:
        one.start()
    results = [found.get() for _ in processes]
    for one in processes:
        one.join()
    return sum(number for number, _ in results), [one for _, times in results for one in times]


def _work(
    url: str,
    counts: Callable[[Engine], Callable[[], None]],
    found: "Queue[tuple[int, list[float]]]",
) -> None:
    engine = connect_to(url)
    call = counts(engine)
    call()
    times: list[float] = []
    ends = time.perf_counter() + _SECONDS
    while (began := time.perf_counter()) < ends:
        call()
        times.append(time.perf_counter() - began)
    found.put((len(times), times[:: 1 + len(times) // 100_000]))
    engine.dispose()


def _count_here(engine: Engine) -> Callable[[], None]:
    counter = CallCounter(engine)

    def call() -> None:
        counter.count("key:bench", _LIMIT)
        counter.report("key:bench", _LIMIT)

    return call


def _count_in_row(engine: Engine) -> Callable[[], None]:
    def call() -> None:
        with engine.begin() as connection:
            connection.execute(_ONE_ROW)

    return call
