"""Changes between versions, held against a comparison of all their rows."""

import hashlib
import json
import random
from collections import Counter
from itertools import zip_longest
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared.models import DatasetVersion, Project, VersionImage
from shared.models.base import new_id
from shared.schemas.versions import VersionedImage
from shared.versions.changes import list_changes
from shared.versions.ranges import RangeDigests, insert_ranges
from tests import factories
from tests.harness import Person


@pytest.fixture
def project(session: Session, person: Person) -> Project:
    return factories.project(session, person.id)


def test_the_diff_is_what_comparing_all_rows_finds(
    project: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions at random, of contents that fall into few ranges, near each other and with copies.

    Each page is asked for on its own, and all of them together have each change once.
    """
    chance = random.Random(7)
    for trial in range(8):
        monkeypatch.setattr("shared.versions.changes.LEAST", chance.choice([1, 4, 16]))
        monkeypatch.setattr("shared.versions.changes.LARGEST", chance.choice([2_000, 8_000_000]))
        contents = [_draw_content(chance) for _ in range(chance.choice([0, 3, 40]))]
        sides = [_draw_rows(chance, contents) for _ in range(2)]
        versions = [
            _insert_version(session, project, rows, with_ranges=trial % 4 > 0) for rows in sides
        ]
        expected = _compare(*sides)
        for limit in (chance.randint(1, 12), 10_000):
            found = [
                one
                for page in _read_pages(session, versions[0], versions[1], limit)
                for one in page
            ]
            assert [_simplify(one) for one in found] == expected, (trial, limit)
            ids = [one["image_id"] for one in found]
            assert len(set(ids)) == len(ids)


_Row = tuple[bytes, UUID, dict[str, str | None]]  # content, image, and what is said of it


def _draw_content(chance: random.Random) -> bytes:
    first = chance.choice([0, 0, 1, 2, 5, 6, 254, 255])
    return bytes([chance.choice([0, 7, 255]), first]) + chance.randbytes(30)


def _draw_rows(chance: random.Random, contents: list[bytes]) -> list[_Row]:
    rows = list[_Row]()
    for content in contents:
        for _ in range(chance.choice([0, 1, 1, 1, 1, 1, 1, 2, 5])):
            about: dict[str, str | None] = dict.fromkeys(VersionedImage.model_fields)
            about["label"] = chance.choice([None, "cat", 'c"at\n\\', "\u2028é𝄞"])
            about["split"] = chance.choice(["train", "test", "test", "test"])
            about["rights"] = chance.choice([None, None, "ab" * 32])
            rows.append((content, new_id(), about))
    return rows


def _make_leaf(row: _Row) -> bytes:
    return hashlib.sha256(repr((row[0], row[2])).encode()).digest()


def _insert_version(
    session: Session, project: Project, rows: list[_Row], *, with_ranges: bool
) -> DatasetVersion:
    version = DatasetVersion(
        project_id=project.id,
        name="v",
        status="completed",
        hash=uuid4().hex,
        image_count=len(rows),
        card={"name": "Pets"},
    )
    session.add(version)
    session.flush()
    digests = RangeDigests()
    for row in sorted(rows, key=lambda row: (row[0], _make_leaf(row))):
        content, image_id, about = row
        rights = bytes.fromhex(about["rights"]) if about["rights"] else None
        said = {**about, "rights": rights, "leaf": _make_leaf(row)}
        session.add(VersionImage(version_id=version.id, sha256=content, image_id=image_id, **said))
        digests.add(content, _make_leaf(row))
    if with_ranges and rows:
        insert_ranges(session, version.id, digests)
    session.commit()
    return version


def _compare(before: list[_Row], after: list[_Row]) -> list[Any]:
    """Return changes as the documents define them: equal ones cancel, others pair by leaves."""
    found = []
    for content in sorted({row[0] for row in [*before, *after]}):
        old, new = (
            Counter(_make_leaf(row) for row in side if row[0] == content)
            for side in (before, after)
        )
        about = {_make_leaf(row): row[2] for row in [*before, *after]}
        pairs = zip_longest(sorted((old - new).elements()), sorted((new - old).elements()))
        for one, other in pairs:
            kind = "changed" if one and other else "removed" if one else "added"
            found.append((content.hex(), kind, about.get(one), about.get(other)))
    return found


def _simplify(change: Any) -> Any:
    return change["sha256"], change["change"], change["before"], change["after"]


def _read_pages(
    session: Session, before: DatasetVersion, after: DatasetVersion, limit: int
) -> list[list[Any]]:
    """Return the changes of each page."""
    pages, cursor = list[list[Any]](), None
    while cursor is not None or not pages:
        page = json.loads(list_changes(session, before, after, limit, cursor).text)
        assert len(page["items"]) <= limit
        pages.append(page["items"])
        cursor = page["next_cursor"]
    return pages


def test_pages_of_long_texts(
    project: Project, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page ends before its texts are too large, but has one change at least."""
    monkeypatch.setattr("shared.versions.changes.LARGEST", 5_000)
    rows: list[_Row] = [
        (bytes([number]) * 32, new_id(), dict.fromkeys(VersionedImage.model_fields))
        for number in range(6)
    ]
    for number, row in enumerate(rows):
        row[2]["caption"] = "é" * (3_000 if number == 2 else 500)
    versions = [_insert_version(session, project, side, with_ranges=True) for side in ([], rows)]
    pages = _read_pages(session, versions[0], versions[1], 10_000)
    assert [len(page) for page in pages] == [2, 1, 3]
