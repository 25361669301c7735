"""Archive a model version: it stops predicting, and its predictions stay."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ModelAlias
from shared.queries.visible import visible_model


def handle(model_id: UUID, caller: Caller, session: Session) -> None:
    """Archive a model."""
    model = visible_model(session, caller, model_id, lock=True)
    model.status = "archived"
    session.execute(delete(ModelAlias).where(ModelAlias.model_id == model.id))
