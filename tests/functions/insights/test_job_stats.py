"""The attempts at a person's long work."""

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models import Image, JobStats
from tests import factories
from tests.harness import Person, System, expect


@pytest.fixture
def images(person: Person, session: Session) -> list[Image]:
    """Two images: an attempt that failed and one that did not, and another that did not."""
    images = factories.images(session, factories.project(session, person.id), 2)
    for image, attempt, status in ((0, 1, "failed"), (0, 2, "completed"), (1, 1, "completed")):
        session.add(
            JobStats(
                job_id=f"job-{image}",
                operation="renditions_derive",
                user_id=person.id,
                image_id=images[image].id,
                status=status,
                attempt=attempt,
                duration_ms=12.5,
                error="too busy" if status == "failed" else None,
            )
        )
        session.flush()
    session.commit()
    return images


def test_filters(person: Person, images: list[Image]) -> None:
    def found(query: str) -> list[tuple[str, int]]:
        items = person.get(f"/v1/job-stats?{query}")["items"]
        return [(item["job_id"], item["attempt"]) for item in items]

    assert found("") == [("job-1", 1), ("job-0", 2), ("job-0", 1)]
    assert found(f"image_id={images[0].id}") == [("job-0", 2), ("job-0", 1)]
    assert found("status=failed") == [("job-0", 1)]
    assert found(f"image_id={images[1].id}&status=failed") == []


def test_they_outlive_their_image(person: Person, session: Session, images: list[Image]) -> None:
    session.execute(delete(Image))
    session.commit()
    shown = person.get("/v1/job-stats?status=failed")["items"]
    assert [(one["image_id"], one["error"]) for one in shown] == [(None, "too busy")]


@pytest.mark.usefixtures("images")
def test_pages(system: System, person: Person) -> None:
    first = person.get("/v1/job-stats?limit=2")
    second = person.get(f"/v1/job-stats?limit=2&cursor={first['next_cursor']}")
    assert [item["attempt"] for page in (first, second) for item in page["items"]] == [1, 2, 1]
    assert second["next_cursor"] is None
    assert system.person().get("/v1/job-stats")["items"] == []


@pytest.mark.parametrize("query", ["image_id=1", "status=lost", "limit=0", "operation=x"])
def test_bad_filters(person: Person, query: str) -> None:
    expect(person.request("GET", f"/v1/job-stats?{query}"), 422)
