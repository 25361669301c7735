"""Crawl jobs and their chunks, as subjects of messages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.chunks import fail_chunk
from shared.crawls.settling import end_crawl_job
from shared.messaging.messages import ChunkReady, CrawlRequested, VariantChunkReady
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Project
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id


def _select_owner(crawl_job_id: UUID) -> Owner:
    return (
        select(Project.user_id, CrawlJob.id.label("crawl_job_id"), make_null_id("image_id"))
        .join(Project, Project.id == CrawlJob.project_id)
        .where(CrawlJob.id == crawl_job_id)
    )


def _fail_job(session: Session, message: CrawlRequested, reason: str, outbox: Outbox) -> None:
    end_crawl_job(session, outbox, message.crawl_job_id, "failed", error=reason)


def _fail_chunk(
    session: Session, message: ChunkReady | VariantChunkReady, reason: str, outbox: Outbox
) -> None:
    fail_chunk(session, message.chunk_id, reason, outbox)


SUBJECTS: Subjects = {
    CrawlRequested: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_job),
    ChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
    VariantChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
}
