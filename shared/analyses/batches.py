"""The batch of analyses that a worker takes, whichever analyzer it works for."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from shared.analyses.jobs import end_if_done
from shared.analyses.work import Task, lease_tasks
from shared.messaging.messages import AnalysesWaiting
from shared.messaging.outbox import Outbox

BUDGET = 180  # seconds; what has not begun by then goes into another message
TIMEOUT = 300  # seconds that the function may run
_LEASE = TIMEOUT + 30  # seconds; needs no renewal


@dataclass(frozen=True)
class Batch:
    """Analyses under a lease, and the job that asked for them."""

    tasks: list[Task]
    job_id: UUID | None


def lease_batch(session: Session, outbox: Outbox, waiting: AnalysesWaiting) -> Batch | None:
    """Lease those of the analyses that still wait for a worker; return None if none does."""
    tasks = lease_tasks(session, waiting.analysis_ids, _LEASE)
    if not tasks and waiting.analysis_job_id is not None:
        end_if_done(session, outbox, waiting.analysis_job_id)
    return Batch(tasks, waiting.analysis_job_id) if tasks else None
