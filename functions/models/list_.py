"""List the caller's models, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.inference.versions import read_versions
from shared.models import Model
from shared.paging import Page, paginate
from shared.queries.visible import visible_models
from shared.schemas.models import ModelQuery, ModelRead


def handle(query: ModelQuery, caller: Caller, session: Session) -> Page[ModelRead]:
    """List models."""
    filters = (
        (Model.name, query.name),
        (Model.status, query.status),
        (Model.model_type, query.model_type),
    )
    conditions = [column == value for column, value in filters if value is not None]
    rows, following = paginate(
        session, visible_models(caller).where(*conditions), [Model.id], query.limit, query.cursor
    )
    return Page(items=read_versions(session, rows), next_cursor=following)
