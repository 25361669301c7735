"""Verification jobs as the API shows them; those at work with the outcomes that there are now."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import VerificationJob, VerificationResult
from shared.models.verifications import OUTCOMES
from shared.schemas.verifications import VerificationJobRead
from shared.states import TERMINAL, to_percent

Outcomes = Mapping[str | None, int]  # numbers of images; None are those without an outcome


def count_outcomes(session: Session, job_ids: Collection[UUID]) -> Mapping[UUID, Outcomes]:
    """Return the numbers of jobs' images by outcome, in one query."""
    result = VerificationResult
    counts: defaultdict[UUID, Counter[str | None]] = defaultdict(Counter)
    rows = session.execute(
        select(result.verification_job_id, result.outcome, func.count())
        .where(result.verification_job_id.in_(list(job_ids)))
        .group_by(result.verification_job_id, result.outcome)
    )
    for job_id, outcome, number in rows:
        counts[job_id][outcome] = number
    return counts


def to_columns(counts: Outcomes) -> dict[str, int]:
    """Return the counters of a job by column."""
    columns = {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}
    return {"total_images": sum(counts.values()), **columns}


def read_verification_jobs(
    session: Session, jobs: Sequence[VerificationJob]
) -> list[VerificationJobRead]:
    """Return jobs in the order given; one query counts for all at work."""
    live = [job.id for job in jobs if job.status not in TERMINAL]
    counts = count_outcomes(session, live) if live else {}
    return [_read(job, counts.get(job.id, {})) for job in jobs]


def read_verification_job(session: Session, job: VerificationJob) -> VerificationJobRead:
    """Return one job."""
    (answer,) = read_verification_jobs(session, [job])
    return answer


def _read(job: VerificationJob, counts: Outcomes) -> VerificationJobRead:
    if job.status in TERMINAL:
        return VerificationJobRead.of(job)
    columns = to_columns(counts)
    done = columns["total_images"] - counts.get(None, 0)
    progress = min(99, to_percent(done, columns["total_images"]))
    return VerificationJobRead.of(job, progress=progress, **columns)
