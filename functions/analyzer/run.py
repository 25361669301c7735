"""Analyse a batch of images, several at a time."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, perf_counter
from uuid import UUID

from sqlalchemy.orm import Session

from shared.analysis import basic
from shared.analysis.analyzers import BASIC
from shared.analysis.findings import AnalysisError, Findings, PassingError, Subject
from shared.analysis.work import Outcome, Task, end_if_done, settle, take
from shared.imaging.limits import Limits
from shared.messages import AnalysesRequested
from shared.outbox import Outbox
from shared.settings import Settings
from shared.storage import Storage

log = logging.getLogger(__name__)

_BUDGET = 180  # seconds; what has not begun by then goes into another message
_LEASE = 330  # seconds; longer than the function may run, so it needs no renewal
_AT_ONCE = 4

Analyze = Callable[[Task], Findings]


@dataclass(frozen=True)
class Batch:
    """Analyses under a lease, and the job that asked for them."""

    tasks: list[Task]
    job_id: UUID | None


def take_batch(requested: AnalysesRequested, session: Session, outbox: Outbox) -> Batch | None:
    """Those of the analyses that wait for a worker."""
    tasks = take(session, requested.analysis_ids, _LEASE)
    if not tasks and requested.analysis_job_id is not None:
        end_if_done(session, outbox, requested.analysis_job_id)
    return Batch(tasks, requested.analysis_job_id) if tasks else None


def handle(
    batch: Batch, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Analyse a batch of images."""
    limits = Limits(max_bytes=settings.max_image_bytes)
    deadline = monotonic() + _BUDGET

    def analyze(task: Task) -> Findings:
        if task.analyzer == BASIC:
            return basic.analyze(_smallest(storage, task.subject), task.subject, limits)
        raise AnalysisError("unknown_analyzer", f"There is no analyzer {task.analyzer}.")

    def work(task: Task) -> Outcome:
        if monotonic() > deadline:
            return Outcome(task, None)
        started = perf_counter()
        result = _result(analyze, task)
        return Outcome(task, result, round((perf_counter() - started) * 1000, 3))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(work, batch.tasks))
    settle(session, outbox, outcomes, batch.job_id)


def _result(analyze: Analyze, task: Task) -> Findings | AnalysisError:
    """What the analyser finds; whatever goes wrong with one image does not touch the others."""
    try:
        return analyze(task)
    except AnalysisError as error:
        return error
    except Exception as error:
        log.exception("an analysis failed")
        return PassingError("internal_error", f"Something went wrong: {type(error).__name__}.")


def _smallest(storage: Storage, subject: Subject) -> bytes:
    """The image's thumbnail, or the image itself. Raises `AnalysisError` when neither is there."""
    for name in (subject.thumbnail, subject.original):
        if name:
            try:
                return storage.read(name)
            except FileNotFoundError:
                continue
    raise AnalysisError("missing", "The image's file is not in the bucket.")
