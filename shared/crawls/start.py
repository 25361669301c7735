"""The start of a crawl job: whether there may be one more, its row and its first message."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.limits import check_crawl_quota
from shared.crawls.listing import list_entries
from shared.crawls.schedules import add_schedule
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob
from shared.queries.named import check_analyzers
from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.crawls import CrawlJobCreate
from shared.schemas.fields import parse_interval
from shared.schemas.manifests import ManifestCreate
from shared.schemas.sources import KeywordsSource, ManifestSource, PagesSource, UrlsSource

_MOST = 1_000_000  # images of one job


def start_crawl(
    session: Session, outbox: Outbox, caller: Caller, project_id: UUID, wanted: CrawlJobCreate
) -> CrawlJob:
    """Write a crawl job and the message that sets it to work. Raise `TooMany` at the quota."""
    most = None
    keywords: list[str] = []
    match wanted.source:
        case UrlsSource() as given:
            source: dict[str, Any] = {"type": "urls", "urls": list_entries(given.urls)}
            most = len(given.urls)
        case ManifestSource() as given:
            source = {"type": "manifest", "uri": given.uri, "columns": given.name_columns()}
            most = _MOST
        case PagesSource() as given:
            source = given.model_dump(mode="json") | {"pages": list_entries(given.pages)}
        case KeywordsSource() as given:
            source = given.model_dump(mode="json", exclude_none=True)
            keywords = list(dict.fromkeys(given.list_keywords()))
    job = _add_job(session, caller, project_id, wanted.name, source, wanted.options, most)
    job.keywords = keywords
    if wanted.options.every is not None:
        add_schedule(session, caller, job, parse_interval(wanted.options.every))
    outbox.add(CrawlRequested(crawl_job_id=job.id))
    return job


def await_manifest(
    session: Session, caller: Caller, project_id: UUID, wanted: ManifestCreate
) -> CrawlJob:
    """Write a crawl job that waits for its manifest. Raise `TooMany` at the quota."""
    source = {
        "type": "manifest",
        "file_name": wanted.file_name,
        "size": wanted.size,
        "columns": wanted.columns.model_dump(exclude_unset=True),
    }
    return _add_job(session, caller, project_id, wanted.name, source, wanted.options, _MOST)


def _add_job(
    session: Session,
    caller: Caller,
    project_id: UUID,
    name: str,
    source: dict[str, Any],
    wanted: CrawlOptions,
    most: int | None,
) -> CrawlJob:
    """Write a job. Its `max_images`, unless given, is no less than the `most` that it lists."""
    check_analyzers(session, caller, wanted.analyze)
    check_crawl_quota(session, caller)
    options = wanted.model_dump(mode="json", by_alias=True)
    if wanted.validate_ is not None:
        options["validate"] = wanted.validate_.model_dump(mode="json", exclude_defaults=True)
    if most is not None and "max_images" not in wanted.model_fields_set:
        options["max_images"] = max(options["max_images"], most)
    job = CrawlJob(project_id=project_id, name=name, source=source, options=options)
    session.add(job)
    session.flush()
    session.refresh(job)
    return job
