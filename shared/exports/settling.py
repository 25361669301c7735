"""Settles what a part's worker has done, and the end of an export: once, whoever is the last."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.exports.leasing import LeasedPart
from shared.exports.naming import name_rest
from shared.exports.plan import ExportState
from shared.messaging.messages import (
    ExportCompleted,
    ExportPartReady,
    ExportPartsBuilt,
    ObjectsReleased,
)
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, ExportPart
from shared.models.base import new_id
from shared.settings import Settings
from shared.states import LIVE
from shared.storage.names import name_export_parts_folder
from shared.webhooks.events import announce_end


def report_progress(engine: Engine, part: LeasedPart, state: ExportState) -> None:
    """Show how far a part and its export are."""
    with transaction(engine) as session:
        _write_part(session, part, state, {})


def complete_part(
    session: Session, outbox: Outbox, part: LeasedPart, state: ExportState, last: UUID | None
) -> bool:
    """Complete a part; return whether it was still this worker's.

    Where its time was over after the image `last`, what is left becomes a part of its own.
    """
    done = {"status": "completed", "object": part.object, "making": None}
    if not _write_part(session, part, state, done | ({"until": last} if last else {})):
        return False
    if last is not None:
        rest = ExportPart(
            id=new_id(),
            export_job_id=part.job_id,
            split=part.span.split,
            shard=name_rest(part.plan.options.layout, part.shard),
            after=last,
            until=part.span.until,
        )
        session.add(rest)
        outbox.add(ExportPartReady(export_job_id=part.job_id, part_id=rest.id))
        session.flush()
    waiting = exists().where(ExportPart.export_job_id == part.job_id, ExportPart.status.in_(LIVE))
    if not session.scalar(select(waiting)):
        outbox.add(ExportPartsBuilt(export_job_id=part.job_id))
    return True


def to_counts(state: ExportState) -> dict[str, Any]:
    """Return the counts of a job's row, or of a part's."""
    return {
        "exported_images": state.images,
        "duplicate_images": state.duplicates,
        "failed_images": state.failed,
    }


def _write_part(
    session: Session, part: LeasedPart, state: ExportState, values: dict[str, Any]
) -> bool:
    """Write to a part's row while it is its worker's, and the sums to its job's, which is locked.

    Job before part, as whoever ends the job or deletes it does.
    """
    live = (ExportJob.id == part.job_id, ExportJob.status == "running")
    if session.scalar(select(ExportJob.id).where(*live).with_for_update()) is None:
        return False
    written = session.scalar(
        update(ExportPart)
        .where(*part.fence)
        .values(**to_counts(state), **values)
        .returning(ExportPart.id)
        .execution_options(synchronize_session=False)
    )
    if written is None:
        return False
    names = ("exported_images", "duplicate_images", "failed_images")
    sums: Select[*tuple[Any, ...]] = select(
        *(func.sum(getattr(ExportPart, name)).label(name) for name in names)
    )
    counts = session.execute(sums.where(ExportPart.export_job_id == part.job_id)).one()._asdict()
    done = (counts["exported_images"] + counts["failed_images"]) * 100
    progress = func.least(99, done // func.greatest(ExportJob.total_images, 1))
    session.execute(
        update(ExportJob)
        .where(*live)
        .values(**counts, progress=progress)
        .execution_options(synchronize_session=False)
    )
    return True


def complete_export(
    session: Session,
    outbox: Outbox,
    settings: Settings,
    job_id: UUID,
    state: ExportState,
    **values: Any,
) -> bool:
    """Complete a job with what its file is (`values`); return whether nobody was faster."""
    completed = session.execute(
        update(ExportJob)
        .where(ExportJob.id == job_id, ExportJob.status == "running")
        .values(
            **to_counts(state),
            status="completed",
            progress=100,
            failures=list_failures(state),
            total_images=state.images + state.failed,  # some may be deleted by now
            state=None,
            expires_at=datetime.now(UTC) + timedelta(seconds=settings.export_life),
            completed_at=func.now(),
            **values,
        )
        .returning(ExportJob.project_id)
        .execution_options(synchronize_session=False)
    ).first()
    if completed is None:
        return False
    session.execute(delete(ExportPart).where(ExportPart.export_job_id == job_id))
    outbox.add(ExportCompleted(export_job_id=job_id, status="completed"))
    announce_end(session, outbox, "export_job", job_id, "completed")
    # What was written by workers that were lost lies there, too.
    prefixes = [name_export_parts_folder(job_id)]
    outbox.add(ObjectsReleased(project_id=completed.project_id, prefixes=prefixes))
    return True


def list_failures(state: ExportState) -> list[dict[str, Any]]:
    """Return the first failures as the job's row has them."""
    return [one.model_dump(mode="json") for one in state.failures]
