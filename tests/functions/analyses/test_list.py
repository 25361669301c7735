"""An image's history of analyses: filters and pages."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Image, ImageAnalysis
from tests.harness import Person, expect


@pytest.fixture
def history(session: Session, image: Image) -> list[ImageAnalysis]:
    """Oldest first."""
    rows = [
        ImageAnalysis(image_id=image.id, analyzer="basic", model_version="basic-0"),
        ImageAnalysis(image_id=image.id, analyzer="gemini", model_version="g/1", status="failed"),
        ImageAnalysis(image_id=image.id, analyzer="gemini", model_version="g/1", labels=["cat"]),
    ]
    session.add_all(rows)
    session.commit()
    return rows


def test_newest_first_a_page_at_a_time(
    person: Person, image: Image, history: list[ImageAnalysis]
) -> None:
    path = f"/v1/images/{image.id}/analyses"
    first = person.get(f"{path}?limit=2")
    second = person.get(f"{path}?limit=2&cursor={first['next_cursor']}")
    found = [one["id"] for one in first["items"] + second["items"]]
    assert found == [str(row.id) for row in reversed(history)]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("analyzer=basic", [0]),
        ("analyzer=gemini", [2, 1]),
        ("status=failed", [1]),
        ("analyzer=gemini&status=completed", [2]),
        ("status=pending", []),
    ],
)
def test_filters(
    person: Person, image: Image, history: list[ImageAnalysis], query: str, expected: list[int]
) -> None:
    found = person.get(f"/v1/images/{image.id}/analyses?{query}")["items"]
    assert [one["id"] for one in found] == [str(history[index].id) for index in expected]


def test_unknown_analyzers_are_no_filter(person: Person, image: Image) -> None:
    expect(person.request("GET", f"/v1/images/{image.id}/analyses?analyzer=x"), 422)
