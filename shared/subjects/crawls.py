"""Crawl jobs and their chunks, as subjects of messages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.chunks import fail_chunk
from shared.crawls.settling import end_crawl_job
from shared.messaging.messages import (
    ChunkReady,
    ChunkWaiting,
    CrawlRequested,
    KeywordChunkReady,
    ManifestChunkReady,
    ManifestFinalized,
    PageChunkReady,
    VariantChunkReady,
)
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Project
from shared.storage.names import parse_manifest
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
    session: Session,
    message: ChunkWaiting,
    reason: str,
    outbox: Outbox,
) -> None:
    fail_chunk(session, message.chunk_id, reason, outbox)


def _fail_waiting_job(
    session: Session, message: ManifestFinalized, reason: str, outbox: Outbox
) -> None:
    if ids := parse_manifest(message.name):
        end_crawl_job(session, outbox, ids[1], "failed", error=reason)


def _select_manifest_owner(message: ManifestFinalized) -> Owner:
    ids = parse_manifest(message.name)
    return _select_owner(ids[1] if ids else UUID(int=0))


SUBJECTS: Subjects = {
    CrawlRequested: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_job),
    ChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
    KeywordChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
    ManifestChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
    ManifestFinalized: Subject(_select_manifest_owner, _fail_waiting_job),
    PageChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
    VariantChunkReady: Subject(lambda message: _select_owner(message.crawl_job_id), _fail_chunk),
}
