"""job_stats: a row for every attempt at long work, kept when what it was about has gone."""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import Message
from shared.models import JobStats
from shared.subjects import find_owner

log = logging.getLogger(__name__)


@dataclass
class Attempt:
    """One attempt of one function at one message."""

    operation: str
    message: Message
    job_id: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)

    def record(self, session: Session, *, error: str | None = None) -> None:
        """Write the row in the transaction of the work itself."""
        owner = find_owner(session, self.message)
        if owner is None:
            return  # the work's subject was deleted meanwhile, and its owner's rows with it
        # Counted here: not every deliverer says how often it has tried.
        before = session.scalar(
            select(func.count()).where(
                JobStats.job_id == self.job_id, JobStats.operation == self.operation
            )
        )
        session.add(
            JobStats(
                job_id=self.job_id,
                operation=self.operation,
                user_id=owner.user_id,
                crawl_job_id=owner.crawl_job_id,
                image_id=owner.image_id,
                status="failed" if error else "completed",
                attempt=1 + (before or 0),
                start_time=self.started,
                end_time=datetime.now(UTC),
                duration_ms=round((time.perf_counter() - self.clock) * 1000, 3),
                error=error,
            )
        )

    def record_passing_failure(self, engine: Engine, error: Exception) -> None:
        """Write the row in a transaction of its own: that of the work was rolled back."""
        try:
            with transaction(engine) as session:
                # Its owner reads this; what the exception says (statements, paths) is in the log.
                reason = f"It failed for a passing reason ({type(error).__name__})."
                self.record(session, error=reason)
        except Exception:
            log.warning("the attempt could not be recorded", exc_info=True)
