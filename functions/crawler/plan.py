"""Split a crawl job's source into chunks."""

from dataclasses import replace

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.crawls.chunks import KEYWORDS, MANIFEST, PAGES, URLS, add_chunks
from shared.crawls.entries import SITEMAP_GUESS, CrawlEntry
from shared.crawls.manifest_files import AWAITS_FILE
from shared.crawls.search_progress import list_searches
from shared.fetching.urls import normalise, parse_target
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob


def handle(requested: CrawlRequested, session: Session, outbox: Outbox) -> None:
    """Plan a crawl job.

    The job runs from the moment its chunks exist, so it cannot complete before it is planned.
    Pages and manifests are read, and engines searched, under a lease like everything slow: such a
    chunk makes chunks of images.
    """
    planned = session.execute(
        update(CrawlJob)
        .where(CrawlJob.id == requested.crawl_job_id, CrawlJob.status == "pending", ~AWAITS_FILE)
        .values(status="running", started_at=func.now())
        .returning(CrawlJob.id, CrawlJob.source, CrawlJob.options)
        .execution_options(synchronize_session=False)
    ).first()
    if planned is None:
        return
    crawl_job_id, source, options = planned
    if source["type"] == "manifest":
        kind, given, size = MANIFEST, [source["uri"]], 1
    elif source["type"] == "keywords":
        given = list_searches(source)
        kind, size = KEYWORDS, len(given)
    elif source["type"] == "pages":
        kind, given, size = PAGES, source["pages"], 2 * len(source["pages"])
    else:
        kind, given, size = URLS, source["urls"][: options["max_images"]], options["chunk_size"]
    entries = [
        replace(CrawlEntry.parse(one), position=position) for position, one in enumerate(given)
    ]
    if source.get("sitemap"):
        entries += _guess_sitemaps(entries)
    add_chunks(session, outbox, crawl_job_id, entries, size, kind=kind)


def _guess_sitemaps(pages: list[CrawlEntry]) -> list[CrawlEntry]:
    """Return an entry for the `/sitemap.xml` of each site on which pages stand."""
    guesses: dict[str, CrawlEntry] = {}
    for page in pages:
        if not page.reason:
            url = f"{parse_target(normalise(page.url)).origin}/sitemap.xml"
            guesses.setdefault(url, CrawlEntry(url, source_page=page.url, role=SITEMAP_GUESS))
    return list(guesses.values())
