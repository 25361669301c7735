"""Analyse a batch of images by the registered model that their analyses name."""

from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.analyses.batches import BUDGET, Batch, lease_batch
from shared.analyses.by_model import LoggedCall, ModelAnalyzer
from shared.analyses.findings import AnalysisError
from shared.analyses.work import Outcome, Task, settle_outcomes
from shared.inference.errors import PredictionFailed
from shared.inference.predictor import Predictor
from shared.inference.records import record_prediction
from shared.inference.serving import Servable
from shared.messaging.messages import ModelAnalysesRequested
from shared.messaging.outbox import Outbox
from shared.models import Model


@dataclass(frozen=True)
class ModelBatch:
    """Analyses under a lease, and the models that they name, or why one cannot be run."""

    batch: Batch
    models: dict[UUID | None, Servable | AnalysisError]

    def tasks_of(self, model_id: UUID | None) -> list[Task]:
        """Return the analyses that one model is to make."""
        return [task for task in self.batch.tasks if task.model_id == model_id]


def prepare(
    requested: ModelAnalysesRequested, session: Session, outbox: Outbox
) -> ModelBatch | None:
    """Lease those of the analyses that wait for a worker."""
    batch = lease_batch(session, outbox, requested)
    if batch is None:
        return None
    return ModelBatch(batch, _models(session, batch.tasks))


def handle(
    work: ModelBatch,
    predictor: Predictor,
    session: Session,
    outbox: Outbox,
) -> str | None:
    """Analyse a batch of images by a model."""
    deadline = monotonic() + BUDGET
    outcomes: list[Outcome] = []
    calls: list[LoggedCall] = []
    for model_id, model in work.models.items():
        tasks = work.tasks_of(model_id)
        if isinstance(model, AnalysisError):
            outcomes += [Outcome(task, model) for task in tasks]
            continue
        analyzer = ModelAnalyzer(model, predictor)
        outcomes += analyzer.analyze(tasks, deadline)
        calls += analyzer.calls
    for logged in calls:
        record_prediction(session, logged.call, logged.outcome)
    return settle_outcomes(session, outbox, outcomes, work.batch.job_id)


def _models(
    session: Session, tasks: Collection[Task]
) -> dict[UUID | None, Servable | AnalysisError]:
    found: dict[UUID | None, Servable | AnalysisError] = {
        task.model_id: AnalysisError("not_serving", "The model has been deleted.") for task in tasks
    }
    owners = {task.user_id for task in tasks}
    for model in session.scalars(
        select(Model).where(Model.id.in_(found), Model.user_id.in_(owners))
    ):
        try:
            found[model.id] = Servable.of(model)
        except PredictionFailed as error:
            found[model.id] = AnalysisError(error.code, error.detail)
    return found
