"""Removes crawl jobs with the images that they brought, in steps that each take a second or two."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, SQLColumnExpression, delete, exists, select
from sqlalchemy.orm import Session

from shared.images.originals import lock_contents
from shared.images.removal import remove_images
from shared.messaging.messages import ObjectsReleased, RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, ExportJob, FetchFailure, FoundAddress, Image
from shared.models.base import Base
from shared.storage.names import name_export_folder, name_manifest
from shared.storage.references import lock_project

# Of one step. Other images may have to take the places of those that go.
IMAGES = 500
ROWS = 10_000


def lock_for_removal(session: Session, project_id: UUID) -> None:
    """Keep a project and the places of its images, before the job that goes is locked."""
    lock_project(session, project_id)
    lock_contents(session, project_id, alone=True)


def remove_crawl_job(
    session: Session,
    outbox: Outbox,
    project_id: UUID,
    crawl_job_id: UUID,
    *,
    by_system: bool = False,
) -> None:
    """Remove a crawl job that has ended, as far as one step goes; a message sees to the rest.

    Images of other jobs that were duplicates of its own find another original, or become one. Call
    it with the job's row locked. What a search has found only the system may remove (`by_system`).
    """
    jobs = CrawlJob.id == crawl_job_id
    images = session.scalars(
        select(Image.id)
        .where(Image.crawl_job_id == crawl_job_id)
        .order_by(Image.is_duplicate.desc(), Image.id)  # so that none takes a place to lose it
        .limit(IMAGES)
    ).all()
    if images:
        remove_images(session, outbox, project_id, images)
    if (
        len(images) < IMAGES
        and remove_rows(session, FetchFailure, FetchFailure.crawl_job_id == crawl_job_id)
        and remove_rows(session, CrawlChunk, CrawlChunk.crawl_job_id == crawl_job_id)
        and remove_found_addresses(session, jobs, by_system=by_system)
    ):
        _remove_files(session, outbox, project_id, crawl_job_id)
        session.execute(delete(CrawlJob).where(CrawlJob.id == crawl_job_id))
    else:
        outbox.add(RemovalRequested(project_id=project_id, crawl_job_id=crawl_job_id))


def remove_found_addresses(
    session: Session, jobs: SQLColumnExpression[bool], *, by_system: bool
) -> bool:
    """Delete up to 10,000 addresses that searches of those jobs found; return whether none is left.

    Callers may not see them, so for them a job that searches may have some.
    """
    if by_system:
        found = select(CrawlJob.id).where(jobs)
        return remove_rows(session, FoundAddress, FoundAddress.crawl_job_id.in_(found))
    searching = exists().where(jobs, CrawlJob.source["type"].astext == "keywords")
    return not session.scalar(select(searching))


def _remove_files(session: Session, outbox: Outbox, project_id: UUID, crawl_job_id: UUID) -> None:
    """Remove the manifest that was uploaded for a job, if any, and its exports with their files."""
    exports = session.scalars(
        delete(ExportJob).where(ExportJob.crawl_job_id == crawl_job_id).returning(ExportJob.id)
    ).all()
    prefixes = [name_manifest(project_id, crawl_job_id), *map(name_export_folder, exports)]
    outbox.add(ObjectsReleased(project_id=project_id, prefixes=prefixes))


def remove_rows(session: Session, table: type[Base], *which: SQLColumnExpression[bool]) -> bool:
    """Delete up to 10,000 rows; return whether that were all."""
    keys = table.__mapper__.primary_key
    some = select(*keys).where(*which).limit(ROWS).subquery()
    statement = (
        delete(table)
        .where(*(key == some.c[key.name] for key in keys))
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], session.execute(statement)).rowcount < ROWS
