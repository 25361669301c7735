"""Show one prediction."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_prediction
from shared.schemas.predictions import PredictionRead


def handle(prediction_id: UUID, caller: Caller, session: Session) -> PredictionRead:
    """Get a prediction."""
    return PredictionRead.of(visible_prediction(session, caller, prediction_id))
