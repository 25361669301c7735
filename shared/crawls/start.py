"""Whether a crawl may start."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import CrawlJob
from shared.queries.visible import visible_crawl_jobs
from shared.quotas import QUOTAS, check_limit
from shared.states import TERMINAL


def check_quota(session: Session, caller: Caller) -> None:
    """Raises `TooMany` when the caller has as many crawl jobs at work as allowed."""
    live = (
        visible_crawl_jobs(caller)
        .with_only_columns(CrawlJob.id)
        .where(CrawlJob.status.not_in(TERMINAL))
    )
    limit = QUOTAS.active_crawl_jobs
    check_limit(session, caller, live, limit, "crawl jobs at work", retry_after=60)
