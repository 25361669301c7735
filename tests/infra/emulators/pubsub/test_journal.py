"""The log that outlives the process."""

from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from infra.emulators.pubsub.journal import Journal, Record


def reopen(directory: Path) -> list[Record]:
    journal = Journal(directory)
    try:
        return journal.read()
    finally:
        journal.close()


def test_records_are_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep" / "er")
    assert journal.read() == []
    journal.append([["a", 1], ["b", "é\n"]])
    journal.append([["c"]])
    journal.close()
    assert reopen(tmp_path / "deep" / "er") == [["a", 1], ["b", "é\n"], ["c"]]


def test_what_a_kill_left_half_written_is_cut_off(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([["a"]])
    journal.close()
    with (tmp_path / "journal.jsonl").open("ab") as log:
        log.write(b'["half')
    journal = Journal(tmp_path)
    assert journal.read() == [["a"]]
    journal.append([["b"]])
    journal.close()
    assert reopen(tmp_path) == [["a"], ["b"]]


def test_compaction_replaces_what_was_there(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([["old", "x" * 1_000_000]] * 17)
    assert journal.is_bloated()
    journal.compact([["kept"]])
    assert not journal.is_bloated()
    journal.append([["new"]])
    journal.close()
    assert reopen(tmp_path) == [["kept"], ["new"]]


def test_a_directory_belongs_to_one_process(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(BlockingIOError):
        Journal(tmp_path)
    journal.close()
    assert reopen(tmp_path) == []


class Full(FileIO):
    """A log on a disk that takes its first record, and of the next one five bytes."""

    calls = 0

    def write(self, lines: Any) -> int:
        self.calls += 1
        if self.calls > 2:
            raise OSError(28, "No space left on device")
        return super().write(lines if self.calls == 1 else lines[:5]) or 0


def test_a_write_that_fails_leaves_whole_records(tmp_path: Path) -> None:
    journal = Journal(tmp_path, open_log=Full)
    journal.append([["a"]])
    with pytest.raises(OSError, match="No space"):
        journal.append([["never"]])
    journal.close()
    assert reopen(tmp_path) == [["a"]]
