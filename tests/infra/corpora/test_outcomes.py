"""Outcomes of files that others made: accepted or refused, whatever they do to a worker."""

from pathlib import Path

import pytest

from infra.corpora import outcomes
from infra.corpora.outcomes import ACCEPTED, DIED, FileOutcome, examine_files, tabulate
from tests.sites import photo


def test_each_file_has_an_outcome(tmp_path: Path) -> None:
    files = {"good.jpg": photo(1), "empty.png": b"", "text.JPG": b"no image", "none": b"\x89PNG"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = {one.path.name: one for one in examine_files(sorted(tmp_path.iterdir()))}
    assert {name: one.outcome for name, one in found.items()} == {
        "good.jpg": ACCEPTED,
        "empty.png": "empty",
        "text.JPG": "not_an_image",
        "none": "not_an_image",
    }
    assert not any(one.is_wrong for one in found.values())
    assert tabulate(found.values())[-1] == "| all | 1 | 1 | 2 |"


def test_a_worker_that_cannot_have_the_memory_is_no_end(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(bytes(64 * 1024 * 1024))
    found = list(examine_files(sorted(tmp_path.iterdir()), memory=16 * 1024 * 1024))
    assert [one.outcome for one in found] == [DIED, DIED]
    assert all(one.is_wrong for one in found)


def test_an_error_that_is_no_refusal_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "inspect", lambda data, limits: 1 // 0)
    outcome, detail = outcomes.examine_bytes(b"")
    assert FileOutcome(Path("x"), outcome, detail).is_wrong
    assert "ZeroDivisionError" in detail
