"""The results of a chunk, and the end of a verification job: once in each run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
    Text,
    Uuid,
    column,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from shared.messaging.messages import ExportRequested, VerificationJobCompleted
from shared.messaging.outbox import Outbox
from shared.models import Image, VerificationChunk, VerificationJob, VerificationResult
from shared.schemas.fields import Ending
from shared.states import LIVE
from shared.texts import clean_line
from shared.verifications.addresses import ask_for_orphans, spread_outcomes
from shared.verifications.chunks import LeasedVerification, assign_chunks
from shared.verifications.pages import spread_pages, write_pages
from shared.verifications.queries import count_outcomes, to_columns
from shared.webhooks.events import announce_end

if TYPE_CHECKING:
    from shared.verifications.checking import CheckedOrigin, VerificationFindings

_MAX_DETAIL = 500
_MANY = 3  # different images, in place of which the same bytes are served
_PLACEHOLDERS = 1000  # that are named as such in one job, the commonest


def settle_verification(
    session: Session,
    outbox: Outbox,
    job: VerificationJob,
    chunk: LeasedVerification,
    findings: "VerificationFindings",
) -> None:
    """Complete a chunk; what the time did not suffice for moves to a new one.

    Call it with job and chunk locked. A chunk that got nothing done has its outcomes whole: a
    further one would get no further either. Images that were deleted meanwhile have no results.
    """
    checked = findings.checked or findings.unfinished
    _write_outcomes(session, chunk.id, checked)
    write_pages(session, job.id, findings.pages)
    assign_chunks(session, outbox, job.id, VerificationResult.chunk_id == chunk.id)
    end_verification_chunks(session, VerificationChunk.id == chunk.id, "completed")
    findings.ledger.write(session)
    advance_verification(session, outbox, job)


def fail_verification_chunk(
    session: Session,
    outbox: Outbox,
    job: VerificationJob,
    chunk_id: UUID,
    *,
    reason: str,
    detail: str,
) -> None:
    """Give a live chunk up: its images are unreachable for this reason. Its job is locked."""
    which = VerificationChunk.id == chunk_id
    if end_verification_chunks(session, which, "failed", detail):
        _give_up(session, VerificationResult.chunk_id == chunk_id, reason, detail)
    advance_verification(session, outbox, job)


def advance_verification(session: Session, outbox: Outbox, job: VerificationJob) -> None:
    """End a live job, which is locked, after its last chunk."""
    of_job = VerificationChunk.verification_job_id == job.id
    live = exists().where(of_job, VerificationChunk.status.in_(LIVE))
    if job.planned_at is None or session.scalar(select(live)):
        return
    if ask_for_orphans(session, outbox, job.id):
        return
    total, failed, error = session.execute(
        select(
            func.count(),
            func.count().filter(VerificationChunk.status == "failed"),
            func.max(VerificationChunk.error),
        ).where(of_job)
    ).one()
    if total and total == failed:
        end_verification(session, outbox, job, "failed", error)
    else:
        end_verification(session, outbox, job, "completed")


def end_verification(
    session: Session,
    outbox: Outbox,
    job: VerificationJob,
    status: Ending,
    error: str | None = None,
) -> None:
    """End a live job, which is locked, with final counts and a message that says so.

    An export that waits for it goes on.

    What has no outcome by then is unreachable, and a retry takes it up.
    """
    of_job = VerificationResult.verification_job_id == job.id
    if status != "completed":
        detail = error or "The verification job was cancelled."
        end_verification_chunks(
            session, VerificationChunk.verification_job_id == job.id, "cancelled", detail
        )
        spread_outcomes(session, job.id)
        _give_up(session, of_job, "cancelled", detail)
    else:
        _mark_placeholders(session, job.id)
        spread_outcomes(session, job.id)
    spread_pages(session, job.id)
    job.status = status
    job.error = error
    job.completed_at = func.now()
    counts = to_columns(count_outcomes(session, [job.id]).get(job.id, {}))
    for name, number in counts.items():
        setattr(job, name, number)
    if status == "completed":
        job.progress = 100
    session.flush()
    outbox.add(VerificationJobCompleted(verification_job_id=job.id, status=status))
    announce_end(session, outbox, "verification_job", job.id, status)
    if job.export_job_id is not None:
        outbox.add(ExportRequested(export_job_id=job.export_job_id))


def end_verification_chunks(
    session: Session, which: ColumnElement[bool], status: Ending, error: str | None = None
) -> Sequence[UUID]:
    """End live chunks; return those that this call ended."""
    return session.scalars(
        update(VerificationChunk)
        .where(which, VerificationChunk.status.in_(LIVE))
        .values(status=status, error=error, lease_expires_at=None, completed_at=func.now())
        .returning(VerificationChunk.id)
        .execution_options(synchronize_session=False)
    ).all()


def _write_outcomes(session: Session, chunk_id: UUID, checked: Sequence["CheckedOrigin"]) -> None:
    """Write the outcomes of those images of a chunk that are still there, in one statement."""
    rows: list[dict[str, Any]] = [
        {
            "image_id": str(one.image_id),
            "outcome": one.verdict.outcome,
            "reason": one.verdict.reason,
            "detail": one.verdict.detail and clean_line(one.verdict.detail, _MAX_DETAIL),
            "http_status": one.verdict.http_status,
            "redirected_to": one.redirected_to,
            "sha256": one.verdict.sha256,
            "distance": one.verdict.distance,
            "rights_signal_ids": [str(signal) for signal in one.rights_signals],
        }
        for one in checked
    ]
    found: Any = (
        func.jsonb_to_recordset(literal(rows, JSONB))
        .table_valued(
            column("image_id", Uuid),
            *(column(name, Text) for name in ("outcome", "reason", "detail")),
            column("http_status", Integer),
            *(column(name, Text) for name in ("redirected_to", "sha256")),
            column("distance", Integer),
            column("rights_signal_ids", ARRAY(Uuid)),
        )
        .render_derived(name="found", with_types=True)
    )
    values = {one.name: one for one in found.columns if one.name != "image_id"}
    session.execute(
        update(VerificationResult)
        .where(
            VerificationResult.chunk_id == chunk_id,
            VerificationResult.image_id == found.c.image_id,
        )
        .values(chunk_id=None, checked_at=func.now(), **values)
        .execution_options(synchronize_session=False)
    )


def _give_up(session: Session, which: SQLColumnExpression[bool], reason: str, detail: str) -> None:
    """Let what has no outcome be unreachable."""
    session.execute(
        update(VerificationResult)
        .where(which, VerificationResult.outcome.is_(None))
        .values(
            outcome="unreachable",
            reason=reason,
            detail=detail,
            chunk_id=None,
            checked_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )


def _mark_placeholders(session: Session, verification_job_id: UUID) -> None:
    """Say of pictures that stand in place of many others that they are placeholders."""
    result = VerificationResult
    others = (
        result.verification_job_id == verification_job_id,
        result.outcome == "different_picture",
        result.reason == "other_picture",
    )
    images = func.count(Image.sha256.distinct())
    # A statement of its own, so that however many rows there are each is read once.
    many = session.scalars(
        select(result.sha256)
        .join(Image, Image.id == result.image_id)
        .where(*others)
        .group_by(result.sha256)
        .having(images >= _MANY)
        .order_by(images.desc())
        .limit(_PLACEHOLDERS)
    ).all()
    if not many:
        return
    session.execute(
        update(result)
        .where(*others, result.sha256.in_(many))
        .values(
            reason="placeholder",
            detail=f"the same picture is served in place of {_MANY} or more different ones",
        )
        .execution_options(synchronize_session=False)
    )
