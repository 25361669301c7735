"""List what analyzers have said about an image, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ImageAnalysis
from shared.paging import Page, paginate
from shared.queries.named import check_analyzers
from shared.queries.visible import visible_analyses, visible_image
from shared.schemas.analyses import AnalysisQuery, AnalysisRead


def handle(
    image_id: UUID, query: AnalysisQuery, caller: Caller, session: Session
) -> Page[AnalysisRead]:
    """List an image's analyses."""
    image = visible_image(session, caller, image_id)
    statement = visible_analyses(caller).where(ImageAnalysis.image_id == image.id)
    if query.analyzer is not None:
        check_analyzers(session, caller, [query.analyzer])
        statement = statement.where(ImageAnalysis.analyzer == query.analyzer)
    if query.status is not None:
        statement = statement.where(ImageAnalysis.status == query.status)
    rows, following = paginate(session, statement, [ImageAnalysis.id], query.limit, query.cursor)
    return Page(items=[AnalysisRead.of(row) for row in rows], next_cursor=following)
