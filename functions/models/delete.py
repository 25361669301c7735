"""Archive a model version: it stops predicting, and its predictions stay."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Model, ModelAlias
from shared.queries.visible import visible_model


def handle(model_id: UUID, caller: Caller, session: Session) -> None:
    """Archive a model."""
    archive(session, visible_model(session, caller, model_id, lock=True))


def archive(session: Session, model: Model) -> None:
    """Archives a version that is held; no alias stands for it any more."""
    model.status = "archived"
    session.execute(delete(ModelAlias).where(ModelAlias.model_id == model.id))
