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


def test_a_long_source_shows_its_first_addresses(person: Person, project: str) -> None:
    urls = [f"https://example.com/{number}.jpg" for number in range(150)]
    body = {"name": "long", "source": {"type": "urls", "urls": urls}}
    job = person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)
    (listed,) = person.get(f"/v1/projects/{project}/crawl-jobs")["items"]
    assert listed["source"] == {"type": "urls", "urls": urls[:10], "url_count": 150}
    assert listed == job == person.get(f"/v1/crawl-jobs/{job['id']}")
    assert person.get(f"/v1/projects/{project}")["crawl_jobs"] == [job]
