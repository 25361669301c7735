"""Delete a verification job with its results; the ledger of rights keeps what it met."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_verification_job
from shared.states import TERMINAL
from shared.verifications.removal import check_no_export_waits, remove_verification


def handle(verification_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete a verification job.

    It is gone at once; of very many results the last go a little later. A job at work is to be
    cancelled first, and one that an export is built by stays until that has ended.
    """
    job = visible_verification_job(session, caller, verification_job_id, lock=True)
    if job.status not in TERMINAL:
        raise Conflict("The verification job is at work; cancel it first.")
    check_no_export_waits(session, job)
    job.deleted_at = func.now()
    session.flush()
    remove_verification(session, outbox, job.id)
