"""Manifests that were to be uploaded and never came, or whose event was lost."""

import logging
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.crawls.manifest_files import AWAITS_FILE
from shared.crawls.settling import end_crawl_job
from shared.messaging.messages import ManifestFinalized
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_manifest

log = logging.getLogger(__name__)

_BATCH = 500


def settle_awaited_manifests(
    session: Session, outbox: Outbox, storage: Storage, settings: Settings
) -> None:
    """Fail crawl jobs whose manifest never came; send the event again of one that did.

    A manifest is awaited for twice the life of its signed address.
    """
    jobs = session.execute(
        select(CrawlJob.id, CrawlJob.project_id)
        .where(
            CrawlJob.status == "pending",
            AWAITS_FILE,
            CrawlJob.created_at < func.now() - timedelta(seconds=2 * settings.upload_life),
        )
        .order_by(CrawlJob.created_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    names = [name_manifest(job.project_id, job.id) for job in jobs]
    for job, name, file in zip(jobs, names, storage.find_many(names), strict=True):
        if isinstance(file, Exception):
            log.warning("the bucket did not answer", exc_info=file)  # the next run asks again
        elif file is None:
            reason = "missing: the manifest was never sent"
            end_crawl_job(session, outbox, job.id, "failed", error=reason)
        else:
            outbox.add(
                ManifestFinalized(
                    bucket=settings.bucket,
                    name=name,
                    generation=file.generation,
                    size=file.size,
                    contentType=file.content_type,
                )
            )
