"""The list of a person's activity."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from shared.models import ActivityLog
from tests.harness import Person, System, expect

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def log(person: Person, session: Session) -> None:
    """An entry an hour, of alternating actions."""
    for hour in range(4):
        session.add(
            ActivityLog(
                user_id=person.id,
                action=("project.create", "image.delete")[hour % 2],
                resource_type=("project", "image")[hour % 2],
                resource_id=str(hour),
                timestamp=NOON + timedelta(hours=hour),
            )
        )
        session.flush()
    session.commit()


def hours(person: Person, query: str) -> list[int]:
    return [int(entry["resource_id"]) for entry in person.get(f"/v1/activity?{query}")["items"]]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1, 0]),
        ("action=image.delete", [3, 1]),
        ("resource_type=project", [2, 0]),
        ("action=image.delete&resource_type=project", []),
        ("since=2026-01-31T13:00:00Z", [3, 2, 1]),
        ("until=2026-01-31T13:00:00Z", [0]),
        ("since=2026-01-31T13:00:00Z&until=2026-01-31T14:00:00.000001Z", [2, 1]),
        (f"since={quote('2026-01-31T15:00:00+02:00')}", [3, 2, 1]),
    ],
)
def test_filters(person: Person, query: str, found: list[int]) -> None:
    assert hours(person, query) == found


@pytest.mark.usefixtures("log")
def test_pages(person: Person) -> None:
    first = person.get("/v1/activity?limit=3")
    person.post("/v1/projects", {"name": "meanwhile"})
    assert hours(person, f"limit=3&cursor={first['next_cursor']}") == [0]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("since=yesterday", "/since"), ("until=2026-01-31", "/until"), ("limit=500", "/limit")],
)
def test_bad_filters_are_named(person: Person, query: str, pointer: str) -> None:
    problem = expect(person.request("GET", f"/v1/activity?{query}"), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_entry_tells_who_did_what_from_where(system: System, person: Person) -> None:
    headers = {"User-Agent": "curl/8", "X-Request-Id": "request-1"}
    project = person.post(
        "/v1/projects",
        {"name": "secret plans"},
        headers=headers,
        environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
    )
    system.person().post("/v1/projects", {"name": "of somebody else"})
    (entry,) = person.get("/v1/activity")["items"]
    assert entry.pop("id")
    assert entry.pop("timestamp") >= project["created_at"]
    assert entry == {
        "user_id": str(person.id),
        "action": "project.create",
        "resource_type": "project",
        "resource_id": project["id"],
        "metadata": {"request_id": "request-1"},
        "ip_address": "203.0.113.7",
        "user_agent": "curl/8",
    }


def test_what_was_refused_was_not_done(person: Person) -> None:
    expect(person.request("POST", "/v1/projects", {"name": ""}), 422)
    assert person.get("/v1/activity")["items"] == []
