"""Which states jobs and chunks have, and which changes between them are legal."""

from typing import Literal

from shared.schemas.fields import JobStatus

Kind = Literal["crawl_job", "chunk", "validation_job", "export_job"]

TERMINAL: frozenset[JobStatus] = frozenset({"completed", "failed", "cancelled"})

_Changes = dict[JobStatus, frozenset[JobStatus]]

_SINGLE_USE: _Changes = {
    "pending": frozenset({"running", "failed", "cancelled"}),
    "running": TERMINAL,
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
_TRANSITIONS: dict[Kind, _Changes] = {
    # A retry runs what failed again, in a job that failed or that completed with losses.
    "crawl_job": _SINGLE_USE
    | {"completed": frozenset({"running"}), "failed": frozenset({"running"})},
    # A running chunk whose lease expires is handed out again.
    "chunk": _SINGLE_USE
    | {
        "running": TERMINAL | {"pending"},
        "completed": frozenset({"pending"}),
        "failed": frozenset({"pending"}),
    },
    "validation_job": _SINGLE_USE,
    "export_job": _SINGLE_USE,
}


def can_move(kind: Kind, old: JobStatus, new: JobStatus) -> bool:
    """Whether a row of this kind may go from one state to the other."""
    return new in _TRANSITIONS[kind][old]


def origins(kind: Kind, new: JobStatus) -> tuple[JobStatus, ...]:
    """The states from which `new` can be reached, for a compare-and-set: ``status IN (…)``."""
    return tuple(old for old, reachable in _TRANSITIONS[kind].items() if new in reachable)


def can_cancel(status: JobStatus) -> bool:
    """Whether there is work left to stop."""
    return status not in TERMINAL


def can_retry(status: JobStatus) -> bool:
    """Whether a crawl job or chunk in this state may run again; a cancelled one stays so."""
    return status in ("completed", "failed")


def progress(done: int, total: int) -> int:
    """Whole per cent from 0 to 100; 100 only when everything is done, 0 while nothing is known."""
    return min(done * 100 // total, 100) if total > 0 else 0
