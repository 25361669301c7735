"""Register a model version: a row that waits, and a signed address to send the file to."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, Invalid
from shared.inference.versions import hold_name, next_version, read_version
from shared.models import Model
from shared.models.base import new_id
from shared.queries.visible import visible_models
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.models import ModelCreate, ModelCreated, TensorSchema
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_model
from shared.versions.references import check_version

_CONTENT_TYPE = "application/octet-stream"


def handle(
    new: ModelCreate, caller: Caller, session: Session, storage: Storage, settings: Settings
) -> ModelCreated:
    """Register a model."""
    if new.file_size > settings.max_model_bytes:
        raise Invalid.at("/file_size", f"must be {settings.max_model_bytes} or less")
    check_version(session, caller, new.version_id)
    hold_name(session, caller, new.name)
    lock_and_check_quota(session, caller, visible_models(caller), QUOTAS.models, "models")
    identity = new_id()
    model = Model(
        id=identity,
        user_id=caller.id,
        name=new.name,
        description=new.description,
        model_type=new.model_type,
        version=_version(session, caller, new),
        file_name=new.file_name,
        file_path=name_model(caller.id, identity),
        file_size=new.file_size,
        sha256=new.sha256,
        version_id=new.version_id,
        status="pending",
        input_schema=_dump_tensors(new.input_schema),
        output_schema=_dump_tensors(new.output_schema),
        metadata_=new.metadata.to_json(),
    )
    session.add(model)
    session.flush()
    url, headers = storage.sign_upload_url(
        model.file_path, life=settings.upload_life, content_type=_CONTENT_TYPE, size=new.file_size
    )
    return ModelCreated.of(
        read_version(session, model),
        metadata=model.metadata_,
        upload_url=url,
        method="PUT",
        headers=headers,
        expires_at=datetime.now(UTC) + timedelta(seconds=settings.upload_life),
    )


def _version(session: Session, caller: Caller, new: ModelCreate) -> int:
    if new.version is None:
        return next_version(session, caller, new.name)
    taken = session.scalar(
        visible_models(caller).where(Model.name == new.name, Model.version == new.version)
    )
    if taken is not None:
        raise Conflict(f"The model {new.name} has a version {new.version}.")
    return new.version


def _dump_tensors(tensors: list[TensorSchema] | None) -> list[dict[str, object]] | None:
    return None if tensors is None else [tensor.model_dump(mode="json") for tensor in tensors]
