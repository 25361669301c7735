"""Outcomes of files: accepted, or refused for a reason, in a process that may die of one."""

import multiprocessing
import resource
import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple, get_args

from shared.imaging.embedded_rights import read_embedded_rights
from shared.imaging.inspection import inspect
from shared.imaging.limits import ImageRejected, Limits, Reason

ACCEPTED = "accepted"
DIED, HUNG, FAULT = "died", "hung", "fault"  # none of which may be
REASONS = frozenset(get_args(Reason))
MEMORY = 1024 * 1024 * 1024  # bytes beyond what a worker has at first, as the crawler's function
SECONDS = 60
_SPAWN = multiprocessing.get_context("spawn")


class FileOutcome(NamedTuple):
    """The outcome of one file, with what is known of it."""

    path: Path
    outcome: str
    detail: str

    @property
    def is_wrong(self) -> bool:
        """Tell whether the file did what none may do."""
        return self.outcome != ACCEPTED and self.outcome not in REASONS


def examine_files(
    paths: Iterable[Path], *, memory: int = MEMORY, seconds: float = SECONDS
) -> Iterator[FileOutcome]:
    """Yield the outcome of each file, one after the other; a worker that died is replaced."""
    worker: _Worker | None = None
    try:
        for path in paths:
            worker = worker or _Worker(memory)
            outcome, detail = worker.examine(path, seconds)
            if outcome in {DIED, HUNG}:
                worker.end()
                worker = None
            yield FileOutcome(path, outcome, detail)
    finally:
        if worker:
            worker.end()


class _Worker:
    def __init__(self, memory: int) -> None:
        self._channel, other = _SPAWN.Pipe()
        self._process: SpawnProcess = _SPAWN.Process(
            target=_serve, args=(other, memory), daemon=True
        )
        self._process.start()
        other.close()

    def examine(self, path: Path, seconds: float) -> tuple[str, str]:
        try:
            self._channel.send(str(path))
            if not self._channel.poll(seconds):
                return HUNG, f"longer than {seconds:g} s"
            found: tuple[str, str] = self._channel.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            return DIED, f"exit code {self._process.exitcode}"
        return found

    def end(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.join()


def _serve(channel: Connection, memory: int) -> None:
    """Answer for files until the other side hangs up."""
    examine_bytes(b"")  # what is loaded on first use does not count
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bound = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    while True:
        try:
            path = Path(channel.recv())
        except EOFError:
            return
        channel.send(examine_bytes(path.read_bytes()))


def examine_bytes(data: bytes) -> tuple[str, str]:
    """Return what becomes of a file's bytes, as `shared/crawls/download.py` reads them."""
    limits = Limits()
    try:
        found = inspect(data, limits)
        read_embedded_rights(data, found, limits, "https://example.org/file")
    except ImageRejected as error:
        return error.reason, error.detail
    except Exception:  # the outcome that is looked for
        return FAULT, traceback.format_exc(limit=-3)
    return ACCEPTED, f"{found.format} {found.width} x {found.height}"


def tabulate(outcomes: Iterable[FileOutcome]) -> list[str]:
    """Return a table in Markdown of how many files of each suffix had which outcome."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in outcomes:
        counts[one.path.suffix.lower() or "(none)"][one.outcome] += 1
    columns = sorted({name for row in counts.values() for name in row}, key=_rank)
    lines = [f"| suffix | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for suffix, row in sorted(counts.items()):
        lines.append(f"| {suffix} | {' | '.join(str(row[name] or '') for name in columns)} |")
    total = sum(counts.values(), Counter[str]())
    lines.append(f"| all | {' | '.join(str(total[name]) for name in columns)} |")
    return lines


def _rank(outcome: str) -> tuple[bool, str]:
    return outcome != ACCEPTED, outcome
