"""Histograms of what was measured of a project's images."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Project
from tests import factories
from tests.harness import Person, System, expect

MEASURES = (
    "width",
    "height",
    "aspect_ratio",
    "bytes",
    "sharpness",
    "brightness",
    "uniformity",
)


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def draw(edges: Sequence[float], values: Sequence[float]) -> list[int]:
    """Return how many values are in each bar, those outside in the first or last one."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(max(bisect_right(edges, value), 1), len(counts)) - 1] += 1
    return counts


@pytest.mark.parametrize("bins", [1, 7, 40, 200])
def test_every_image_is_in_one_bar(
    person: Person, session: Session, project: Project, bins: int
) -> None:
    sides = [1, 15, 16, 17, 64, 100, 128, 255, 256, 257, 1000, 16_383, 16_384, 20_000, 65_535]
    shares = [0.0, 0.1, 0.25, 0.5, 0.75, 0.999, 1.0]
    columns: list[dict[str, Any]] = [
        *({"width": side, "height": 64} for side in sides),
        *({"height": side, "width": 64} for side in sides),
        *({"brightness": share, "uniformity": share} for share in shares),
        *({"sharpness": value} for value in (0.0, 0.5, 1.0, 99.5, 16_384.0, 1e9)),
        *({"file_size": size} for size in (0, 1, 1024, 2**26 - 1, 2**26, 2**40)),
    ]
    rows = [factories.image_row(session, project, **one) for one in columns]
    session.add_all(rows)
    session.commit()
    read: dict[str, list[Any]] = {
        "aspect_ratio": [row.width / row.height for row in rows if row.width and row.height],
        "bytes": [row.file_size for row in rows],
    }
    found = person.get(f"/v1/projects/{project.id}/images/measures?bins={bins}")
    assert found["total"] == len(rows)
    for name in MEASURES:
        histogram = found[name]
        values = read.get(name) or [getattr(row, name) for row in rows]
        assert len(histogram["edges"]) == bins + 1
        assert histogram["edges"] == sorted(set(histogram["edges"]))
        assert histogram["counts"] == draw(histogram["edges"], values), name
        assert (histogram["min"], histogram["max"]) == (min(values), max(values))
        assert (histogram["count"], histogram["nulls"]) == (len(rows), 0)
        assert histogram["scale"] == ("linear" if name in ("brightness", "uniformity") else "log")


def test_edges_are_the_same_for_all_images(
    person: Person, session: Session, project: Project
) -> None:
    path = f"/v1/projects/{project.id}/images/measures"
    empty = person.get(path)
    assert empty["width"] == {
        **empty["width"],
        "counts": [0] * 40,
        "min": None,
        "max": None,
        "count": 0,
        "nulls": 0,
    }
    factories.image(session, project, label="cat")
    factories.image(session, project, status="processing", width=None, sharpness=None)
    found = person.get(path)
    for name in MEASURES:
        assert found[name]["edges"] == empty[name]["edges"]
    assert (found["width"]["edges"][0], found["width"]["edges"][20]) == (16, 512)
    assert (found["width"]["count"], found["width"]["nulls"]) == (1, 1)
    assert (found["aspect_ratio"]["count"], found["height"]["count"]) == (1, 2)
    assert person.get(f"{path}?label=cat")["total"] == 1


def test_images_of_others_do_not_count(
    system: System, person: Person, session: Session, project: Project
) -> None:
    factories.image(session, project)
    other = system.person()
    expect(other.request("GET", f"/v1/projects/{project.id}/images/measures"), 404)
    own = factories.project(session, other.id)
    assert other.get(f"/v1/projects/{own.id}/images/measures")["total"] == 0


@pytest.mark.parametrize("bins", ["0", "201", "many"])
def test_bad_numbers_of_bars_are_named(person: Person, project: Project, bins: str) -> None:
    path = f"/v1/projects/{project.id}/images/measures?bins={bins}"
    problem = expect(person.request("GET", path), 422)
    assert [error["pointer"] for error in problem["errors"]] == ["/bins"]
