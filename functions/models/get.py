"""Show one version of a model."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.versions import read_version
from shared.queries.visible import visible_model
from shared.schemas.models import ModelRead


def handle(model_id: UUID, caller: Caller, session: Session) -> ModelRead:
    """Get a model."""
    return read_version(session, visible_model(session, caller, model_id))
