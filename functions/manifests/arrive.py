"""Start the crawl of a manifest that has arrived."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import CrawlRequested, ManifestFinalized, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob
from shared.storage.names import format_address, parse_manifest


def handle(file: ManifestFinalized, session: Session, outbox: Outbox) -> None:
    """Start the crawl that waits for a manifest; release a file that nobody waits for.

    A repeated event finds the job under way.
    """
    if (ids := parse_manifest(file.name)) is None:
        return
    project_id, crawl_job_id = ids
    job = session.scalar(
        select(CrawlJob)
        .where(CrawlJob.id == crawl_job_id, CrawlJob.project_id == project_id)
        .with_for_update(key_share=True)
    )
    uri = format_address(file.bucket, file.name)
    if job is None or (job.status != "pending" and job.source.get("uri") != uri):
        outbox.add(ObjectsReleased(prefixes=[file.name]))
    elif "uri" not in job.source:
        job.source = {**job.source, "uri": uri}
        outbox.add(CrawlRequested(crawl_job_id=job.id))
