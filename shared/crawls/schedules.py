"""Crawls that repeat: each due time brings at most one run, a crawl job of its own.

A run is written in the savepoint that moves its schedule on, with the schedule's row locked, so
that no due time brings two, and a schedule that cannot run costs only itself. Sources may be large,
and are copied within the database.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.limits import check_crawl_quota, check_schedule_quota
from shared.crawls.queries import read_sources
from shared.errors import TooMany
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, CrawlSchedule, Profile, Project
from shared.models.base import new_id
from shared.schemas.crawls import ScheduleRead
from shared.states import LIVE

log = logging.getLogger(__name__)

_PATIENCE = timedelta(minutes=10)  # before a run that could not begin is tried again
_DueSchedule = Row[UUID, int, datetime, str, UUID, bool]
_COPIED = ("project_id", "name", "source", "keywords", "options")


def add_schedule(session: Session, caller: Caller, job: CrawlJob, seconds: int) -> None:
    """Repeat a crawl job that has just been written. Raise `Conflict` at the quota."""
    check_schedule_quota(session, caller)
    schedule_id = new_id()
    of_job = [getattr(CrawlJob, name) for name in _COPIED]
    due = CrawlJob.created_at + timedelta(seconds=seconds)
    copied = select(
        literal(schedule_id), *of_job, literal(seconds), due, CrawlJob.created_at, CrawlJob.id
    ).where(CrawlJob.id == job.id)
    names = ["id", *_COPIED, "seconds", "next_run_at", "last_run_at", "last_crawl_job_id"]
    session.execute(insert(CrawlSchedule).from_select(names, copied, include_defaults=False))
    job.schedule_id, job.scheduled_for = schedule_id, job.created_at
    session.flush()


def run_schedules(session: Session, outbox: Outbox, limit: int) -> None:
    """Begin the runs that are due, of up to so many schedules, or say why one does not begin."""
    now = session.scalar(select(func.now()))
    if now is None:
        return
    waits = CrawlSchedule.tried_at.is_(None) | (CrawlSchedule.tried_at < now - _PATIENCE)
    due = session.execute(
        select(
            CrawlSchedule.id,
            CrawlSchedule.seconds,
            CrawlSchedule.next_run_at,
            Project.status.label("project_status"),
            Project.user_id,
            Profile.is_active,
        )
        .join(Project, Project.id == CrawlSchedule.project_id)
        .join(Profile, Profile.id == Project.user_id)
        .where(CrawlSchedule.next_run_at <= now, Project.deleted_at.is_(None), waits)
        .where(Profile.deleted_at.is_(None))
        .order_by(CrawlSchedule.next_run_at)
        .limit(limit)
        .with_for_update(of=CrawlSchedule, skip_locked=True)
    ).all()
    for schedule in due:
        try:
            with session.begin_nested():
                job_id = _run(session, schedule, now)
        except SQLAlchemyError as error:  # whose text may quote rows, which no log may hold
            known = {"schedule": str(schedule.id), "error": type(error).__name__}
            log.error("a schedule could not run", extra={"fields": known})
            _write(
                session,
                schedule.id,
                error="The run could not begin; it is tried again.",
                tried_at=now,
            )
            continue
        if job_id is not None:
            outbox.add(CrawlRequested(crawl_job_id=job_id))


def _run(session: Session, schedule: _DueSchedule, now: datetime) -> UUID | None:
    """Begin the run that is due; return its crawl job, or None where it does not begin."""
    following = {"next_run_at": _find_next(schedule, now), "tried_at": None}
    if reason := _find_obstacle(session, schedule):
        missed = CrawlSchedule.missed_runs + 1
        _write(session, schedule.id, error=reason, missed_runs=missed, **following)
        return None
    try:
        check_crawl_quota(session, Caller(schedule.user_id))
    except TooMany as error:
        _write(session, schedule.id, error=f"The run waits. {error.detail}", tried_at=now)
        return None
    job_id = _add_run(session, schedule)
    last = {"last_run_at": schedule.next_run_at, "last_crawl_job_id": job_id}
    _write(session, schedule.id, error=None, **last, **following)
    return job_id


def show_schedules(session: Session, rows: Sequence[CrawlSchedule]) -> list[ScheduleRead]:
    """Return schedules as answers, of long lists of addresses the beginning."""
    sources = read_sources(session, [row.id for row in rows], CrawlSchedule)
    return [ScheduleRead.of(row, source=sources[row.id]) for row in rows]


def _find_next(schedule: _DueSchedule, now: datetime) -> datetime:
    """Return the first due time that is still to come; those between have passed."""
    interval = timedelta(seconds=schedule.seconds)
    due: datetime = schedule.next_run_at
    return due + ((now - due) // interval + 1) * interval


def _find_obstacle(session: Session, schedule: _DueSchedule) -> str | None:
    """Return why a due time brings no run, or None."""
    if not schedule.is_active:
        return "The account is locked."
    if schedule.project_status != "active":
        return "The project is archived."
    at_work = exists().where(
        CrawlJob.schedule_id == schedule.id,
        CrawlJob.status.in_(LIVE),
        CrawlJob.deleted_at.is_(None),
    )
    return "The run before was still at work." if session.scalar(select(at_work)) else None


def _add_run(session: Session, schedule: _DueSchedule) -> UUID:
    job_id = new_id()
    names = ["id", *_COPIED, "schedule_id", "scheduled_for"]
    of_schedule = [getattr(CrawlSchedule, name) for name in _COPIED]
    copied = select(
        literal(job_id), *of_schedule, CrawlSchedule.id, CrawlSchedule.next_run_at
    ).where(CrawlSchedule.id == schedule.id)
    session.execute(insert(CrawlJob).from_select(names, copied, include_defaults=False))
    return job_id


def _write(session: Session, schedule_id: UUID, **values: Any) -> None:
    statement = update(CrawlSchedule).where(CrawlSchedule.id == schedule_id).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))
