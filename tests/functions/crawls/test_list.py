"""Listing a project's crawl jobs."""

from collections.abc import Callable

from tests.harness import Person, System

URLS = ["https://example.com/cat.jpg"]


def test_newest_first_page_by_page(person: Person, project: str, start: Callable[..., str]) -> None:
    ids = [start(URLS) for _ in range(3)]
    path = f"/v1/projects/{project}/crawl-jobs"
    first = person.get(f"{path}?limit=2")
    assert [one["id"] for one in first["items"]] == [ids[2], ids[1]]
    second = person.get(f"{path}?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in second["items"]] == [ids[0]]
    assert second["next_cursor"] is None


def test_by_status(person: Person, project: str, start: Callable[..., str]) -> None:
    start(URLS)
    cancelled = start(URLS)
    person.post(f"/v1/crawl-jobs/{cancelled}/cancel", status=202)
    path = f"/v1/projects/{project}/crawl-jobs?status=cancelled"
    assert [one["id"] for one in person.get(path)["items"]] == [cancelled]


def test_somebody_elses_project_is_absent(system: System, project: str) -> None:
    response = system.person().request("GET", f"/v1/projects/{project}/crawl-jobs")
    assert response.status_code == 404
