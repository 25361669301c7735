"""The start of a crawl job: whether there may be one more, its row and its first message."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.listing import list_entries
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob
from shared.queries.visible import visible_crawl_jobs
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.crawls import CrawlJobCreate
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


def start_crawl(
    session: Session, outbox: Outbox, caller: Caller, project_id: UUID, wanted: CrawlJobCreate
) -> CrawlJob:
    """Write a crawl job and the message that sets it to work. Raise `TooMany` at the quota."""
    check_crawl_quota(session, caller)
    options = wanted.options.model_dump(mode="json", by_alias=True)
    if wanted.options.validate_ is not None:
        options["validate"] = wanted.options.validate_.model_dump(
            mode="json", exclude_defaults=True
        )
    if wanted.source.type == "urls" and "max_images" not in wanted.options.model_fields_set:
        # The default bounds what pages may bring. Who lists addresses has said how many.
        options["max_images"] = max(options["max_images"], len(wanted.source.urls))
    source = wanted.source.model_dump(mode="json", exclude={"urls", "pages"})
    if wanted.source.type == "urls":
        source["urls"] = list_entries(wanted.source.urls)
    else:
        source["pages"] = list_entries(wanted.source.pages)
    job = CrawlJob(
        project_id=project_id,
        name=wanted.name,
        source=source,
        options=options,
    )
    session.add(job)
    session.flush()
    session.refresh(job)
    outbox.add(CrawlRequested(crawl_job_id=job.id))
    return job
