"""Leases of analyses: workers take them, write results under them, and try again."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from shared.analyses.findings import (
    AnalysisError,
    AnalysisImage,
    Findings,
    PassingError,
    UnexpectedError,
)
from shared.analyses.jobs import advance_job, end_idle_analyses, find_cancelled, lock_live_job
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysisJobRequested,
    ModelAnalysesRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, Image, ImageAnalysis
from shared.queries.named import MODEL
from shared.states import LIVE, MAX_LEASES
from shared.storage.names import name_thumbnail

BATCH = 50  # analyses in one message
_FIRST_WAIT = 60  # seconds after a passing failure; doubles each time
_LONGEST_WAIT = 3600  # seconds, whatever an analyzer asks for


@dataclass(frozen=True)
class Task:
    """An analysis under a lease; `attempt` is the fencing token."""

    id: UUID
    attempt: int
    analyzer: str
    version: str
    model_id: UUID | None
    user_id: UUID
    subject: AnalysisImage


@dataclass(frozen=True)
class Outcome:
    """The result of a task: findings, an error, or None where it was not begun."""

    task: Task
    result: Findings | AnalysisError | None
    ms: float | None = None


def lease_tasks(session: Session, ids: Collection[UUID], seconds: int) -> list[Task]:
    """Lease those of the analyses that are free to be worked on, for so many seconds.

    Free are analyses that wait and those whose lease has run out. Rows that another transaction
    has locked are passed over. Copies of one message lease one after the other, so that the first
    gets all of its analyses and the others none.
    """
    if ids:
        message = func.hashtextextended(str(min(ids)), 0)
        session.execute(select(func.pg_advisory_xact_lock(message)))
    free = (
        select(ImageAnalysis.id)
        .where(
            ImageAnalysis.id.in_(ids),
            or_(
                ImageAnalysis.status == "pending",
                and_(
                    ImageAnalysis.status == "running",
                    ImageAnalysis.lease_expires_at < func.now(),
                ),
            ),
        )
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    rows = session.execute(
        update(ImageAnalysis)
        .where(ImageAnalysis.id == free.c.id, ImageAnalysis.image_id == Image.id)
        .values(
            status="running",
            attempts=ImageAnalysis.attempts + 1,
            error_code=None,  # one that has an error waits for its next try
            error=None,
            lease_expires_at=func.now() + timedelta(seconds=seconds),
        )
        .returning(
            ImageAnalysis.id,
            ImageAnalysis.attempts,
            ImageAnalysis.analyzer,
            ImageAnalysis.model_version,
            ImageAnalysis.model_id,
            Image,
        )
        .execution_options(synchronize_session=False)
    ).all()
    return [
        Task(
            identity,
            attempt,
            analyzer,
            version or "",
            model_id,
            image.user_id,
            to_analysis_image(image),
        )
        for identity, attempt, analyzer, version, model_id, image in rows
    ]


def to_analysis_image(image: Image) -> AnalysisImage:
    """Return the facts about an image that an analyzer needs.

    `processed_path` counts as the thumbnail only under the name that Pixmill gives it: a user may
    have named a variant `thumbnail` too.
    """
    thumbnail = name_thumbnail(image.project_id, image.sha256 or "")
    return AnalysisImage(
        image_id=image.id,
        original=image.file_path or "",
        thumbnail=thumbnail if image.processed_path == thumbnail else None,
        width=image.width,
        height=image.height,
        frames=image.frames,
        sharpness=image.sharpness,
    )


def settle_outcomes(
    session: Session, outbox: Outbox, outcomes: Sequence[Outcome], job_id: UUID | None
) -> str | None:
    """Write the outcomes of tasks whose lease this worker still holds, and count them in their job.

    An analysis that failed for a passing reason is tried again after a wait, for which its lease
    is prolonged. One that was not begun, or that met a mistake in the program, is sent again at
    once. Analyses of a cancelled job are not tried again. Returns the commonest reason where every
    task has failed, else None.
    """
    job = lock_live_job(session, job_id)  # before its analyses, as whoever plans it does
    written = session.execute(
        text("""
        UPDATE image_analyses a
        SET status = r.status, description = r.description, processing_time_ms = r.ms,
            labels = coalesce(r.labels, '[]'), metrics = coalesce(r.metrics, '{}'),
            objects = r.objects,
            error_code = r.error_code, error = r.error,
            attempts = r.attempts,
            lease_expires_at = now() + make_interval(secs => r.wait)
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, attempt integer,
            attempts integer, status text, description text, labels jsonb, metrics jsonb,
            objects jsonb, ms double precision, error_code text, error text,
            wait double precision)
        WHERE a.id = r.id AND a.status = 'running' AND a.attempts = r.attempt
        RETURNING a.id, a.status
        """),
        {"rows": json.dumps([_to_row(outcome) for outcome in outcomes], allow_nan=False)},
    ).all()
    analyzers = {outcome.task.id: outcome.task.analyzer for outcome in outcomes}
    if job is None and job_id is not None and find_cancelled(session, [job_id]):
        end_idle_analyses(session, job_id)
    else:
        again = [row.id for row in written if row.status == "pending"]
        _send_each(outbox, ((analyzers[one], job_id, one) for one in again))
    if job is not None:
        advance_job(session, outbox, job, [row.status for row in written])
    reasons = [one.result.reason for one in outcomes if isinstance(one.result, AnalysisError)]
    return max(reasons, key=reasons.count) if reasons and len(reasons) == len(outcomes) else None


def _to_row(outcome: Outcome) -> dict[str, Any]:
    task, result = outcome.task, outcome.result
    row: dict[str, Any] = {"id": str(task.id), "attempt": task.attempt, "ms": outcome.ms}
    row["attempts"] = task.attempt
    if result is None:
        return row | {"status": "pending", "attempts": task.attempt - 1}
    if isinstance(result, Findings):
        return row | {
            "status": "completed",
            "description": result.description,
            "labels": result.labels,
            "metrics": result.metrics,
            "objects": result.objects,
        }
    row |= {"error_code": result.code, "error": result.reason}
    if isinstance(result, UnexpectedError) and task.attempt < MAX_LEASES:
        return row | {"status": "pending"}
    if isinstance(result, PassingError) and task.attempt < MAX_LEASES:
        wait = max(_FIRST_WAIT * 2 ** (task.attempt - 1), min(result.wait, _LONGEST_WAIT))
        return row | {"status": "running", "wait": wait}
    return row | {"status": "failed"}


def send_requests(
    outbox: Outbox, analyzer: str, ids: Sequence[UUID], job_id: UUID | None, size: int = BATCH
) -> None:
    """Send analyses to their analyzer, so many in each message."""
    message = ModelAnalysesRequested if analyzer.startswith(MODEL) else AnalysesRequested
    for start in range(0, len(ids), size):
        batch = list(ids[start : start + size])
        outbox.add(message(analysis_ids=batch, analysis_job_id=job_id))


def _send_each(
    outbox: Outbox, waiting: Iterable[tuple[str, UUID | None, UUID]], size: int = BATCH
) -> None:
    """Send analyses, given as (analyzer, job, id), in messages of one analyzer and job each."""
    groups: defaultdict[tuple[str, UUID | None], list[UUID]] = defaultdict(list)
    for analyzer, job_id, identity in waiting:
        groups[analyzer, job_id].append(identity)
    for (analyzer, job_id), ids in groups.items():
        send_requests(outbox, analyzer, ids, job_id, size)


def count_after_loss(attempts: int) -> int:
    """Return how many analyses go together that have lost their worker in so many leases.

    Fewer each time, so that what ends workers is alone before its last lease.
    """
    return max(1, BATCH >> 2 * attempts)


def fail_analyses(
    session: Session, outbox: Outbox, ids: Collection[UUID], reason: str, code: str = "given_up"
) -> None:
    """Fail those of the analyses that have not ended, and count them in their jobs."""
    theirs = session.scalars(
        select(ImageAnalysis.analysis_job_id)
        .where(ImageAnalysis.id.in_(ids), ImageAnalysis.analysis_job_id.is_not(None))
        .distinct()
        .order_by(ImageAnalysis.analysis_job_id)
    ).all()
    jobs = [lock_live_job(session, job_id) for job_id in theirs]
    failed = session.scalars(
        update(ImageAnalysis)
        .where(ImageAnalysis.id.in_(ids), ImageAnalysis.status.in_(LIVE))
        .values(
            status="failed",
            error_code=func.coalesce(ImageAnalysis.error_code, code),
            error=func.coalesce(ImageAnalysis.error, reason),
            lease_expires_at=None,
        )
        .returning(ImageAnalysis.analysis_job_id)
        .execution_options(synchronize_session=False)
    ).all()
    for job in jobs:
        if job is not None:
            advance_job(session, outbox, job, ["failed"] * failed.count(job.id))


def resend_stuck_analyses(
    session: Session, outbox: Outbox, lost_after: timedelta, limit: int
) -> None:
    """Send analyses again that lost their worker or their message; fail those leased too often.

    Those that lost their worker go on in smaller batches, until whatever ends workers is alone.
    Those of a cancelled job are ended instead. Jobs that have not moved for so long are planned
    on, or counted again.
    """
    stuck = or_(
        and_(ImageAnalysis.status == "running", ImageAnalysis.lease_expires_at < func.now()),
        and_(ImageAnalysis.status == "pending", ImageAnalysis.updated_at < func.now() - lost_after),
    )
    rows = session.execute(
        select(ImageAnalysis.id, ImageAnalysis.attempts, ImageAnalysis.analysis_job_id)
        .add_columns(ImageAnalysis.status, ImageAnalysis.error_code)
        .where(stuck)
        .limit(limit)
    ).all()
    for job_id in find_cancelled(
        session, {row.analysis_job_id for row in rows if row.analysis_job_id}
    ):
        end_idle_analyses(session, job_id)
    hopeless = [row for row in rows if row.attempts >= MAX_LEASES]
    alone = [row.id for row in hopeless if row.status == "running" and row.error_code is None]
    if alone:
        reason = f"Its worker died in the last of {MAX_LEASES} tries, with nothing else at work."
        fail_analyses(session, outbox, alone, reason, "killed_its_worker")
    if len(hopeless) > len(alone):
        reason = f"It was begun {MAX_LEASES} times and never finished."
        fail_analyses(session, outbox, [row.id for row in hopeless], reason)
    again = session.execute(
        update(ImageAnalysis)
        .where(ImageAnalysis.id.in_([row.id for row in rows]), stuck)
        .values(status="pending", lease_expires_at=None)
        .returning(ImageAnalysis.analyzer, ImageAnalysis.analysis_job_id, ImageAnalysis.id)
        .execution_options(synchronize_session=False)
    ).all()
    sizes = {
        row.id: count_after_loss(row.attempts)
        if row.status == "running" and row.error_code is None
        else BATCH
        for row in rows
    }
    for size in sorted({sizes[row.id] for row in again}, reverse=True):
        group = (row for row in again if sizes[row.id] == size)
        _send_each(outbox, ((row.analyzer, row.analysis_job_id, row.id) for row in group), size)
    for job in session.scalars(
        select(AnalysisJob)
        .where(AnalysisJob.status.in_(LIVE), AnalysisJob.updated_at < func.now() - lost_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all():
        job.updated_at = func.now()
        if job.planned_at is None:
            outbox.add(AnalysisJobRequested(analysis_job_id=job.id, after=job.position))
        else:
            advance_job(session, outbox, job, [])
