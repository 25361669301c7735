"""List the caller's predictions, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Prediction
from shared.paging import Page, paginate
from shared.queries.visible import visible_model, visible_predictions
from shared.schemas.predictions import PredictionQuery, PredictionRead


def handle(query: PredictionQuery, caller: Caller, session: Session) -> Page[PredictionRead]:
    """List predictions."""
    if query.model_id is not None:
        visible_model(session, caller, query.model_id)
    filters = ((Prediction.model_id, query.model_id), (Prediction.status, query.status))
    conditions = [column == value for column, value in filters if value is not None]
    rows, following = paginate(
        session,
        visible_predictions(caller).where(*conditions),
        [Prediction.id],
        query.limit,
        query.cursor,
    )
    return Page(items=[PredictionRead.of(row) for row in rows], next_cursor=following)
