"""Repeating crawls: one run for each due time, and a reason where there is none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.messaging.messages import SchedulesDue
from shared.models import CrawlJob, CrawlSchedule, Profile
from shared.quotas import QUOTAS
from tests import factories
from tests.harness import Person, System, in_parallel
from tests.sites import Site, crawl, project, site, start

__all__ = ["crawl", "project", "site", "start"]

Crawl = Callable[..., Any]


def make_due(session: Session, ago: timedelta = timedelta(minutes=1), **values: Any) -> datetime:
    """Let the only schedule be due since then; return the due time."""
    due = datetime.now(UTC) - ago
    session.execute(update(CrawlSchedule).values(next_run_at=due, **values))
    session.commit()
    return due


def look(system: System) -> None:
    system.send(SchedulesDue())
    system.drain()
    assert set(system.statuses) == {204}


def list_runs(session: Session) -> list[CrawlJob]:
    session.expire_all()
    return list(session.scalars(select(CrawlJob).order_by(CrawlJob.id)))


@pytest.fixture
def job(site: Site, crawl: Crawl) -> Any:
    """The first run of a crawl that repeats each day."""
    return crawl(site.photos(2), every="1d", min_width=10)


@pytest.fixture
def show(person: Person, job: Any) -> Callable[[], Any]:
    """Return the schedule as the API shows it."""
    return lambda: person.get(f"/v1/schedules/{job['schedule_id']}")


def test_a_crawl_is_repeated_when_it_is_due(
    system: System, site: Site, job: Any, show: Any, session: Session, person: Person
) -> None:
    look(system)
    assert len(list_runs(session)) == 1
    due = make_due(session)
    look(system)
    first, second = list_runs(session)
    assert (second.status, second.duplicate_images) == ("completed", 2)
    assert (second.source, second.options) == (first.source, first.options)
    assert (second.schedule_id, second.scheduled_for) == (first.schedule_id, due)
    assert person.get(f"/v1/crawl-jobs/{second.id}")["schedule_id"] == job["schedule_id"]
    shown = show()
    assert datetime.fromisoformat(shown["next_run_at"]) == due + timedelta(days=1)
    assert datetime.fromisoformat(shown["last_run_at"]) == due
    assert (shown["last_crawl_job_id"], shown["error"]) == (str(second.id), None)
    look(system)
    assert len(list_runs(session)) == 2
    assert site.hits["/photos/0.jpg"] == 1


def test_looking_several_times_at_once_begins_one_run(
    system: System, job: Any, session: Session
) -> None:
    make_due(session)
    in_parallel([lambda: system.send(SchedulesDue()) for _ in range(4)])
    system.drain_concurrently()
    assert len(list_runs(session)) == 2


def test_a_due_time_cannot_have_two_runs(job: Any, session: Session) -> None:
    (run,) = list_runs(session)
    again = {"schedule_id": run.schedule_id, "scheduled_for": run.scheduled_for}
    session.add(CrawlJob(project_id=run.project_id, name="again", **again))
    with pytest.raises(IntegrityError, match="uq_crawl_jobs_schedule_id_scheduled_for"):
        session.flush()


def test_times_that_passed_while_nobody_looked_bring_one_run(
    system: System, job: Any, show: Any, session: Session
) -> None:
    due = make_due(session, timedelta(days=10, hours=1))
    look(system)
    assert len(list_runs(session)) == 2
    assert datetime.fromisoformat(show()["next_run_at"]) == due + timedelta(days=11)


def test_no_run_begins_while_the_one_before_is_at_work(
    system: System, job: Any, show: Any, session: Session
) -> None:
    session.execute(update(CrawlJob).values(status="running", completed_at=None))
    make_due(session)
    look(system)
    shown = show()
    assert len(list_runs(session)) == 1
    assert (shown["missed_runs"], shown["error"]) == (1, "The run before was still at work.")
    session.execute(update(CrawlJob).values(status="completed"))
    make_due(session)
    look(system)
    shown = show()
    assert (len(list_runs(session)), shown["missed_runs"], shown["error"]) == (2, 1, None)


def test_an_archived_project_is_not_crawled(
    system: System, job: Any, show: Any, session: Session, person: Person, project: str
) -> None:
    person.request("PATCH", f"/v1/projects/{project}", {"status": "archived"})
    make_due(session)
    look(system)
    assert (len(list_runs(session)), show()["error"]) == (1, "The project is archived.")
    person.request("PATCH", f"/v1/projects/{project}", {"status": "active"})
    make_due(session)
    look(system)
    assert len(list_runs(session)) == 2


def test_a_locked_account_crawls_nothing(system: System, job: Any, session: Session) -> None:
    session.execute(update(Profile).values(is_active=False))
    make_due(session)
    look(system)
    assert len(list_runs(session)) == 1
    reason = session.scalars(select(CrawlSchedule.error)).one()
    assert reason == "The account is locked."


def test_a_run_waits_while_the_account_has_too_many_jobs_at_work(
    system: System, job: Any, show: Any, session: Session, project: str
) -> None:
    for _ in range(QUOTAS.active_crawl_jobs):
        session.add(CrawlJob(project_id=UUID(project), name="busy", status="running"))
    due = make_due(session)
    look(system)
    shown = show()
    assert "The run waits. The limit is 10 crawl jobs at work" in shown["error"]
    assert (datetime.fromisoformat(shown["next_run_at"]), shown["missed_runs"]) == (due, 0)
    session.execute(update(CrawlJob).values(status="completed"))
    session.commit()
    look(system)
    assert len(list_runs(session)) == 1 + QUOTAS.active_crawl_jobs  # it is not tried at once
    make_due(session, tried_at=datetime.now(UTC) - timedelta(minutes=11))
    look(system)
    assert len(list_runs(session)) == 2 + QUOTAS.active_crawl_jobs
    assert show()["error"] is None


def test_a_deleted_project_and_a_deleted_account_end_it(
    system: System, job: Any, session: Session, person: Person, project: str
) -> None:
    other = factories.project(session, person.id)
    columns = {"name": "s", "source": {"type": "urls", "urls": []}, "options": {}}
    schedule = CrawlSchedule(
        project_id=other.id, seconds=3600, next_run_at=datetime.now(UTC), **columns
    )
    session.add(schedule)
    session.commit()
    assert person.request("DELETE", f"/v1/projects/{project}").status_code == 204
    assert len(session.scalars(select(CrawlSchedule.id)).all()) == 1
    assert person.delete_account().status_code == 204
    look(system)
    assert session.scalars(select(CrawlSchedule.id)).all() == []
    assert list_runs(session) == []


def test_a_schedule_that_cannot_run_costs_only_itself(
    system: System, site: Site, crawl: Crawl, session: Session, person: Person
) -> None:
    """One whose due time has a run already breaks a rule of the table."""
    broken = crawl(site.photos(1), every="1d")
    crawl(site.photos(2), every="1d")
    due = datetime.now(UTC) - timedelta(minutes=1)
    session.execute(update(CrawlSchedule).values(next_run_at=due))
    session.execute(
        update(CrawlJob).where(CrawlJob.id == UUID(broken["id"])).values(scheduled_for=due)
    )
    session.commit()
    look(system)
    assert len(list_runs(session)) == 3
    shown = person.get(f"/v1/schedules/{broken['schedule_id']}")
    assert shown["error"] == "The run could not begin; it is tried again."
    assert datetime.fromisoformat(shown["next_run_at"]) == due
