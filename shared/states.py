"""States of jobs, chunks and analyses, the limit of attempts, and the progress of a job."""

from shared.schemas.fields import JobStatus

MAX_LEASES = 5  # work whose worker died this often, or that failed in passing, has failed
LIVE: tuple[JobStatus, ...] = ("pending", "running")
TERMINAL: frozenset[JobStatus] = frozenset({"completed", "failed", "cancelled"})


def to_percent(done: int, total: int) -> int:
    """Return whole per cent, 0 to 100; 100 only when all is done, 0 while nothing is known."""
    return min(done * 100 // total, 100) if total > 0 else 0
