"""Change what is said about a model version, or its state; its file never changes."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, Invalid
from shared.inference.image_form import check_preprocessing
from shared.models import Model, ModelAlias
from shared.queries.models import read
from shared.queries.visible import visible_model
from shared.rules.model_labels import labels_misfit
from shared.rules.model_states import can_move
from shared.schemas.models import ModelMetadata, ModelRead, ModelStatus, ModelUpdate, TensorSchema


def handle(model_id: UUID, change: ModelUpdate, caller: Caller, session: Session) -> ModelRead:
    """Update a model."""
    model = visible_model(session, caller, model_id, lock=True)
    for name, value in change.changes().items():
        if name == "status":
            move(session, model, value)
        elif name == "metadata":
            describe(model, value)
        else:
            setattr(model, name, value)
    session.flush()
    session.refresh(model)
    return read(session, model)


def describe(model: Model, metadata: ModelMetadata) -> None:
    """Gives a version other metadata.

    Raises `Invalid` for labels and preprocessing that do not fit a version which is verified.
    """
    if metadata.labels and model.runtime is not None:
        outputs = [TensorSchema.model_validate(one) for one in model.output_schema or []]
        if misfit := labels_misfit(metadata.labels, outputs):
            raise Invalid([{"pointer": "/metadata/labels", "detail": misfit}])
    if model.runtime is not None:
        inputs = [TensorSchema.model_validate(one) for one in model.input_schema or []]
        check_preprocessing(inputs, metadata)
    model.metadata_ = metadata.stored()


def move(session: Session, model: Model, status: ModelStatus) -> None:
    """Gives a version that is held another state; for an archived one no alias stands any more.

    Raises `Conflict` where that may not be.
    """
    old = cast(ModelStatus, model.status)
    if not can_move(old, status):
        raise Conflict(f"A model that is {old} cannot become {status}.")
    if status == old:
        return
    model.deprecated_at = datetime.now(UTC) if status == "deprecated" else None
    model.status = status
    if status == "archived":
        session.execute(delete(ModelAlias).where(ModelAlias.model_id == model.id))
