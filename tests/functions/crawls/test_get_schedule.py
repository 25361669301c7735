"""Showing a schedule."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.harness import Person, System, expect
from tests.sites import Site


def test_a_schedule_says_when_it_runs_next(
    site: Site, start: Callable[..., str], person: Person, system: System, project: str
) -> None:
    job = person.get(f"/v1/crawl-jobs/{start(site.photos(1), every='12h')}")
    schedule = person.get(f"/v1/schedules/{job['schedule_id']}")
    first, following = (datetime.fromisoformat(schedule[n]) for n in ("last_run_at", "next_run_at"))
    assert following - first == timedelta(hours=12)
    assert first == datetime.fromisoformat(job["created_at"])
    assert (schedule["name"], schedule["project_id"]) == (job["name"], project)
    assert (schedule["last_crawl_job_id"], schedule["missed_runs"]) == (job["id"], 0)
    assert schedule["options"] == job["options"]
    path = f"/v1/schedules/{job['schedule_id']}"
    assert system.person().request("GET", path).status_code == 404
    assert person.request("GET", f"/v1/schedules/{uuid4()}").status_code == 404


def test_a_crawl_that_does_not_repeat_has_none(
    site: Site, start: Callable[..., str], person: Person
) -> None:
    job = person.get(f"/v1/crawl-jobs/{start(site.photos(1))}")
    assert job["schedule_id"] is None


@pytest.mark.parametrize("every", ["30m", "0d", "1", "d", "1.5d", "-1d", "53w", "9999d", "1 d", ""])
def test_other_intervals_are_refused(every: str, person: Person, project: str) -> None:
    body = {
        "name": "x",
        "source": {"type": "urls", "urls": ["https://example.com/a.jpg"]},
        "options": {"every": every},
    }
    problem = expect(person.request("POST", f"/v1/projects/{project}/crawl-jobs", body), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/options/every"]


def test_an_uploaded_manifest_does_not_repeat(person: Person, project: str) -> None:
    body = {"name": "x", "file_name": "a.csv", "size": 10, "options": {"every": "1d"}}
    problem = expect(person.request("POST", f"/v1/projects/{project}/manifests", body), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/options/every"]
