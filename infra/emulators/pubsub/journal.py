"""An append-only log of records, one JSON array a line, that outlives a killed process."""

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import Any

Record = list[Any]

_SPARE_BYTES = 16 * 1024 * 1024


class Journal:
    """One directory's log. A record handed to `append` survives the process, not the machine."""

    def __init__(self, directory: Path, open_log: Callable[[Path, str], FileIO] = FileIO) -> None:
        """Raise BlockingIOError when another process uses the directory."""
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = (directory / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise BlockingIOError(f"{directory} is used by another process") from error
        self._path = directory / "journal.jsonl"
        self._open_log = open_log
        self._log = open_log(self._path, "ab")
        self._size = self._log.tell()
        self._compacted = 0

    def read(self) -> list[Record]:
        """Return all records; what a kill left half written at the end is cut off."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            self._log.truncate(whole)
            self._size = whole
        return [json.loads(line) for line in content[:whole].splitlines()]

    def append(self, records: Iterable[Record]) -> None:
        """Write records through to the operating system; all or, with OSError, none."""
        lines = _read_lines(records)
        try:
            written = 0
            while written < len(lines):
                written += self._log.write(lines[written:])
        except OSError:
            with contextlib.suppress(OSError):
                self._log.truncate(self._size)
            raise
        self._size += len(lines)

    def is_bloated(self) -> bool:
        """Return whether the log has grown to a multiple of what the last compaction kept."""
        return self._size > 2 * self._compacted + _SPARE_BYTES

    def compact(self, records: Iterable[Record]) -> None:
        """Replace the whole log by these records, at once."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(_read_lines(records))
        os.replace(fresh, self._path)
        self._log.close()
        self._log = self._open_log(self._path, "ab")
        self._size = self._compacted = self._path.stat().st_size

    def close(self) -> None:
        """End writing, and let another process have the directory."""
        self._log.close()
        self._lock.close()


def _read_lines(records: Iterable[Record]) -> bytes:
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records).encode()
