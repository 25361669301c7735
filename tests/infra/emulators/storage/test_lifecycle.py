"""Lifecycle rules and the other sweeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.emulators.storage.conditions import Conditions
from infra.emulators.storage.emulator import Emulator
from infra.emulators.storage.errors import NotFound
from infra.emulators.storage.listing import Query, list_objects
from infra.emulators.storage.uploads import Span

NOW = datetime.now(UTC)


@pytest.fixture
def emulator(tmp_path: Path) -> Emulator:
    """Return a store with a bucket and four objects."""
    emulator = Emulator(tmp_path, "http://127.0.0.1:1")
    emulator.buckets.ensure("pixmill")
    for name in ("exports/1", "exports/2.tmp", "images/1", "tmp/1"):
        emulator.objects.create("pixmill", name, emulator.contents.write([b"x"]), {})
    return emulator


def names(emulator: Emulator) -> list[str]:
    return [stored.name for stored in list_objects(emulator.database, "pixmill", Query()).items]


def set_rules(emulator: Emulator, *conditions: object, action: str = "Delete") -> None:
    rules = [{"action": {"type": action}, "condition": condition} for condition in conditions]
    emulator.buckets.change("pixmill", {"lifecycle": {"rule": rules}}, Conditions())


def test_old_objects_below_a_prefix_are_deleted(emulator: Emulator, tmp_path: Path) -> None:
    set_rules(emulator, {"age": 7, "matchesPrefix": ["exports/", "tmp/"]})
    assert emulator.sweep(NOW + timedelta(days=6)) == 0
    assert emulator.sweep(NOW + timedelta(days=8)) == 3
    assert names(emulator) == ["images/1"]
    assert len([path for path in (tmp_path / "content").glob("*/*") if path.is_file()]) == 1


def test_every_condition_of_a_rule_must_hold(emulator: Emulator) -> None:
    set_rules(emulator, {"age": 1, "matchesSuffix": [".tmp"]})
    emulator.sweep(NOW + timedelta(days=2))
    assert names(emulator) == ["exports/1", "images/1", "tmp/1"]
    set_rules(emulator, {"createdBefore": str((NOW - timedelta(days=1)).date())})
    assert emulator.sweep(NOW + timedelta(days=2)) == 0
    set_rules(emulator, {"createdBefore": str((NOW + timedelta(days=2)).date())})
    assert emulator.sweep(NOW + timedelta(days=2)) == 3


def test_rules_that_are_not_understood_delete_nothing(emulator: Emulator) -> None:
    set_rules(emulator, {"age": 0, "isLive": False}, {"age": 0, "daysSinceCustomTime": 1}, {})
    assert emulator.sweep(NOW + timedelta(days=99)) == 0
    set_rules(emulator, {"age": 0}, action="SetStorageClass")
    assert emulator.sweep(NOW + timedelta(days=99)) == 0


def test_abandoned_uploads_are_forgotten(emulator: Emulator, tmp_path: Path) -> None:
    upload = emulator.uploads.start("pixmill", "x", {}, Conditions(), {}, None)
    emulator.sweep(NOW + timedelta(days=6))
    assert emulator.uploads.receive(upload, Span(None, None, None), [], {}).received == 0
    emulator.sweep(NOW + timedelta(days=8))
    with pytest.raises(NotFound):
        emulator.uploads.receive(upload, Span(None, None, None), [], {})
    assert len([path for path in (tmp_path / "content").glob("*/*") if path.is_file()]) == 4


def test_files_that_belong_to_nothing_are_removed_at_the_start(
    emulator: Emulator, tmp_path: Path
) -> None:
    upload = emulator.uploads.start("pixmill", "x", {}, Conditions(), {}, None)
    emulator.contents.write([b"orphan"])
    emulator.close()
    again = Emulator(tmp_path, "http://127.0.0.1:1")
    assert len(list(again.contents.ids())) == 5
    assert again.uploads.receive(upload, Span(0, 2, 3), [b"abc"], {}).resource
    assert "x" in names(again)
