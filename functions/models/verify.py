"""Look into a model's file that has arrived: does it become a model, or why not."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Invalid
from shared.inference.image_form import check_preprocessing
from shared.inference.verification import Declared, verify
from shared.inference.worker import Bounds
from shared.messaging.messages import ModelFinalized, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import Model
from shared.schemas.models import TensorSchema
from shared.schemas.preprocessing import ModelMetadata
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import parse_model
from shared.webhooks.events import announce_end


@dataclass(frozen=True)
class ArrivedModel:
    """A file that a model's row waits for, and what its owner says about it."""

    model_id: UUID
    name: str
    generation: int
    size: int
    declared_size: int
    sha256: str | None
    declared: Declared


def prepare(file: ModelFinalized, session: Session, outbox: Outbox) -> ArrivedModel | None:
    """Return the file, if a row waits for it. A repeated event is recognised here.

    What comes after its owner has gone is removed.
    """
    if (ids := parse_model(file.name)) is None:
        return None
    user_id, model_id = ids
    model = session.scalar(select(Model).where(Model.id == model_id, Model.user_id == user_id))
    if model is None:
        outbox.add(ObjectsReleased(prefixes=[file.name]))
        return None
    if model.status != "pending":
        return None
    metadata = ModelMetadata.model_validate(model.metadata_)
    return ArrivedModel(
        model_id=model.id,
        name=file.name,
        generation=file.generation,
        size=file.size,
        declared_size=model.file_size or 0,
        sha256=model.sha256,
        declared=Declared(
            model_type=model.model_type,  # type: ignore[arg-type]  # a checked column
            inputs=_tensors(model.input_schema),
            outputs=_tensors(model.output_schema),
            preprocessing=metadata.preprocessing,
            labels=metadata.labels,
        ),
    )


def handle(
    file: ArrivedModel, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Verify a model's file."""
    data = _read(file, storage)
    sha256 = hashlib.sha256(data).hexdigest()
    if file.sha256 is not None and file.sha256 != sha256:
        raise Invalid(detail=f"The file's SHA-256 is {sha256}, not {file.sha256} as declared.")
    found = verify(
        data,
        file.declared,
        Bounds(
            memory=settings.model_memory,
            load_seconds=settings.model_seconds,
            run_seconds=settings.model_seconds,
            processor_seconds=4 * settings.model_seconds,
        ),
    )
    model = session.scalar(
        select(Model).where(Model.id == file.model_id, Model.status == "pending").with_for_update()
    )
    if model is None:  # archived or deleted meanwhile, or done by another delivery
        return
    check_preprocessing(found.inputs, ModelMetadata.model_validate(model.metadata_))
    model.status = "active"
    model.runtime = found.runtime
    model.generation = file.generation
    model.file_size = file.size
    model.sha256 = sha256
    model.input_schema = [tensor.model_dump(mode="json") for tensor in found.inputs]
    model.output_schema = [tensor.model_dump(mode="json") for tensor in found.outputs]
    model.warnings = found.warnings
    announce_end(session, outbox, "model_verification", model.id, "completed")


def _read(file: ArrivedModel, storage: Storage) -> bytes:
    if file.size != file.declared_size:
        raise Invalid(detail=f"The file has {file.size} bytes, not {file.declared_size}.")
    try:
        return storage.read(file.name, generation=file.generation)
    except FileNotFoundError:
        raise Invalid(detail="The file was deleted before it was read.") from None


def _tensors(stored: list[dict[str, object]] | None) -> list[TensorSchema] | None:
    return None if stored is None else [TensorSchema.model_validate(one) for one in stored]
