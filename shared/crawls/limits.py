"""Limits of one account: crawl jobs at work, and schedules."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import CrawlJob, CrawlSchedule
from shared.queries.visible import visible_crawl_jobs, visible_schedules
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.states import TERMINAL


def check_crawl_quota(session: Session, caller: Caller) -> None:
    """Raise `TooMany` when the caller has as many crawl jobs at work as allowed."""
    live = (
        visible_crawl_jobs(caller)
        .with_only_columns(CrawlJob.id)
        .where(CrawlJob.status.not_in(TERMINAL))
    )
    limit = QUOTAS.active_crawl_jobs
    lock_and_check_quota(session, caller, live, limit, "crawl jobs at work", retry_after=60)


def check_schedule_quota(session: Session, caller: Caller) -> None:
    """Raise `Conflict` when the caller has as many schedules as allowed."""
    schedules = visible_schedules(caller).with_only_columns(CrawlSchedule.id)
    lock_and_check_quota(session, caller, schedules, QUOTAS.schedules, "schedules")
