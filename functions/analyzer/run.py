"""Analyse a batch of images, several at a time."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, perf_counter

from sqlalchemy.orm import Session

from shared.analyses import basic
from shared.analyses.analyzers import BASIC, GEMINI
from shared.analyses.batches import BUDGET, Batch, lease_batch
from shared.analyses.findings import AnalysisError, AnalysisImage, Findings, try_analysis
from shared.analyses.gemini import Gemini
from shared.analyses.work import Outcome, Task, settle_outcomes
from shared.imaging.limits import Limits
from shared.messaging.messages import AnalysesRequested
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.bucket import Storage

_AT_ONCE = 4  # where the processor works; a service is asked more at once


def prepare(requested: AnalysesRequested, session: Session, outbox: Outbox) -> Batch | None:
    """Lease those of the analyses that wait for a worker."""
    return lease_batch(session, outbox, requested)


def handle(
    batch: Batch,
    gemini: Gemini,
    storage: Storage,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> str | None:
    """Analyse a batch of images."""
    limits = Limits(max_bytes=settings.max_image_bytes)
    deadline = monotonic() + BUDGET

    def analyze(task: Task) -> Findings:
        if task.analyzer == BASIC:
            return basic.analyze(_choose_smallest(storage, task.subject), task.subject, limits)
        if task.analyzer == GEMINI:
            return gemini.analyze(_choose_smallest(storage, task.subject), task.version, limits)
        raise AnalysisError("unknown_analyzer", f"There is no analyzer {task.analyzer}.")

    def work(task: Task) -> Outcome:
        if monotonic() > deadline:
            return Outcome(task, None)
        started = perf_counter()
        result = try_analysis(lambda: analyze(task))
        return Outcome(task, result, round((perf_counter() - started) * 1000, 3))

    asks_gemini = any(task.analyzer == GEMINI for task in batch.tasks)
    with ThreadPoolExecutor(settings.gemini_connections if asks_gemini else _AT_ONCE) as pool:
        outcomes = list(pool.map(work, batch.tasks))
    return settle_outcomes(session, outbox, outcomes, batch.job_id)


def _choose_smallest(storage: Storage, subject: AnalysisImage) -> bytes:
    """Return the thumbnail, or the image itself. Raises `AnalysisError` when neither is there."""
    for name in (subject.thumbnail, subject.original):
        if name:
            try:
                return storage.read(name)
            except FileNotFoundError:
                continue
    raise AnalysisError("missing", "The image's file is not in the bucket.")
