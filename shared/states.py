"""States of jobs, chunks and analyses, the limit of attempts, and the progress of a job."""

from typing import get_args

from shared.schemas.fields import Ending, JobStatus

MAX_REASON = 2000  # characters of why something failed; strangers choose the names in it
MAX_LEASES = 5  # work whose worker died this often, or that failed in passing, has failed
LIVE: tuple[JobStatus, ...] = ("pending", "running")
TERMINAL: frozenset[JobStatus] = frozenset(get_args(Ending))


def to_percent(done: int, total: int) -> int:
    """Return whole per cent, 0 to 100; 100 only when all is done, 0 while nothing is known."""
    return min(done * 100 // total, 100) if total > 0 else 0
