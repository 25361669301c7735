"""Deleting a schedule."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ActivityLog, CrawlSchedule
from tests.harness import Person, System
from tests.sites import Site


def test_its_crawl_is_not_repeated_and_its_runs_stay(
    site: Site, start: Callable[..., str], person: Person, system: System, session: Session
) -> None:
    job_id = start(site.photos(1), every="1h")
    path = f"/v1/schedules/{person.get(f'/v1/crawl-jobs/{job_id}')['schedule_id']}"
    assert system.person().request("DELETE", path).status_code == 404
    assert person.request("DELETE", path).status_code == 204
    assert person.request("DELETE", path).status_code == 404
    assert session.scalars(select(CrawlSchedule)).all() == []
    system.drain()
    assert person.get(f"/v1/crawl-jobs/{job_id}")["status"] == "completed"
    actions = session.scalars(select(ActivityLog.action)).all()
    assert "schedule.delete" in actions


def test_deleting_a_run_leaves_the_schedule(
    site: Site, start: Callable[..., str], person: Person, system: System
) -> None:
    job_id = start(site.photos(1), every="1h")
    system.drain()
    path = f"/v1/schedules/{person.get(f'/v1/crawl-jobs/{job_id}')['schedule_id']}"
    assert person.request("DELETE", f"/v1/crawl-jobs/{job_id}").status_code == 204
    assert person.get(path)["options"]["every"] == "1h"
