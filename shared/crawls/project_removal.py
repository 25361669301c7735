"""Removes projects with all that belongs to them, in steps that each take a second or two."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.crawls.removal import remove_found_addresses, remove_rows
from shared.messaging.messages import ObjectsReleased, RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import (
    AddressRecord,
    CrawlChunk,
    CrawlJob,
    DeletedImage,
    ExportJob,
    FetchFailure,
    Image,
    Project,
    VerificationChunk,
    VerificationJob,
    VerificationResult,
)
from shared.states import LIVE
from shared.storage.names import list_project_prefixes, name_export_folder


def remove_project(
    session: Session, outbox: Outbox, project_id: UUID, *, by_system: bool = False
) -> None:
    """Remove a project as far as one step goes; a message sees to the rest."""
    if not take_removal_step(session, outbox, project_id, by_system=by_system):
        outbox.add(RemovalRequested(project_id=project_id))


def take_removal_step(
    session: Session, outbox: Outbox, project_id: UUID, *, by_system: bool
) -> bool:
    """Remove a project as far as one step goes; return whether it is gone.

    What is at work for it ends: nobody can lock it any more (`shared.storage.references`), and no
    chunk is handed out. Call it with the project's row locked and marked as deleted.
    """
    exports = session.scalars(
        delete(ExportJob).where(ExportJob.project_id == project_id).returning(ExportJob.id)
    ).all()
    prefixes = [name_export_folder(export_id) for export_id in exports]
    is_gone = _remove_parts(session, project_id, by_system=by_system)
    if is_gone:
        session.execute(delete(Project).where(Project.id == project_id))
        prefixes = [*list_project_prefixes(project_id), *prefixes]
    else:
        session.execute(
            update(CrawlJob)
            .where(CrawlJob.project_id == project_id, CrawlJob.status.in_(LIVE))
            .values(status="cancelled", error="The project was deleted.")
        )
    if prefixes:
        outbox.add(ObjectsReleased(project_id=project_id, prefixes=prefixes))
    return is_gone


def _remove_parts(session: Session, project_id: UUID, *, by_system: bool) -> bool:
    """Delete rows of which a project may have very many; return whether none are left."""
    jobs = select(CrawlJob.id).where(CrawlJob.project_id == project_id)
    asked = select(VerificationJob.id).where(VerificationJob.project_id == project_id)
    of_project = Image.project_id == project_id
    # Duplicates first: whose original goes is written anew.
    return (
        remove_rows(session, VerificationResult, VerificationResult.verification_job_id.in_(asked))
        and remove_rows(
            session, VerificationChunk, VerificationChunk.verification_job_id.in_(asked)
        )
        and remove_rows(session, Image, of_project, Image.is_duplicate)
        and remove_rows(session, Image, of_project)
        and remove_rows(session, AddressRecord, AddressRecord.project_id == project_id)
        and remove_rows(session, DeletedImage, DeletedImage.project_id == project_id)
        and remove_rows(session, FetchFailure, FetchFailure.crawl_job_id.in_(jobs))
        and remove_rows(session, CrawlChunk, CrawlChunk.crawl_job_id.in_(jobs))
        and remove_found_addresses(session, CrawlJob.project_id == project_id, by_system=by_system)
    )
