"""Change what is said about a model version, or its state; its file never changes."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller, Precondition
from shared.errors import Invalid
from shared.inference.image_form import check_preprocessing
from shared.inference.labels import find_misfit
from shared.inference.versions import change_status, read_version
from shared.models import Model
from shared.queries.visible import visible_model
from shared.schemas.models import ModelRead, ModelTensor, ModelUpdate
from shared.schemas.preprocessing import ModelMetadata


def handle(
    model_id: UUID,
    change: ModelUpdate,
    precondition: Precondition,
    caller: Caller,
    session: Session,
) -> ModelRead:
    """Update a model."""
    model = visible_model(session, caller, model_id, lock=True)
    precondition.check(model.updated_at)
    for name, value in change.get_changes().items():
        if name == "status":
            change_status(session, model, value)
        elif name == "metadata":
            replace_metadata(model, value)
        else:
            setattr(model, name, value)
    session.flush()
    session.refresh(model)
    return read_version(session, model)


def replace_metadata(model: Model, metadata: ModelMetadata) -> None:
    """Give a version other metadata.

    Raises `Invalid` for labels and preprocessing that do not fit a version which is verified.
    """
    if metadata.labels and model.runtime is not None:
        outputs = [ModelTensor.model_validate(one) for one in model.output_schema or []]
        if misfit := find_misfit(metadata.labels, outputs):
            raise Invalid([{"pointer": "/metadata/labels", "detail": misfit}])
    if model.runtime is not None:
        inputs = [ModelTensor.model_validate(one) for one in model.input_schema or []]
        check_preprocessing(inputs, metadata)
    model.metadata_ = metadata.to_json()
