"""Show how often each model was run, how long it took and how it failed."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.insights.queries import read_model_statistics
from shared.models import Model
from shared.paging import Page, paginate
from shared.queries.visible import visible_models
from shared.schemas.insights import ModelStatistics, ModelStatisticsQuery


def handle(query: ModelStatisticsQuery, caller: Caller, session: Session) -> Page[ModelStatistics]:
    """Get statistics of models, the newest version first."""
    models, following = paginate(
        session, visible_models(caller), [Model.id], query.limit, query.cursor
    )
    return Page(
        items=read_model_statistics(session, caller, models, query.days), next_cursor=following
    )
