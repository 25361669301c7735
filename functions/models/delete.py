"""Archive a model version: it stops predicting, and its predictions stay."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.versions import change_status
from shared.queries.visible import visible_model


def handle(model_id: UUID, caller: Caller, session: Session) -> None:
    """Archive a model.

    That is final, and takes the version's aliases from it, as the status `archived` does.
    """
    change_status(session, visible_model(session, caller, model_id, lock=True), "archived")
