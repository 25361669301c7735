"""Compare two versions: what was added, removed, relabelled or put into another split."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller, JsonText
from shared.paging import Page
from shared.queries.visible import visible_version
from shared.schemas.versions import VersionChange, VersionDiffQuery
from shared.versions.changes import list_changes


def handle(
    before_id: UUID, after_id: UUID, query: VersionDiffQuery, caller: Caller, session: Session
) -> JsonText[Page[VersionChange]]:
    """Compare two versions."""
    before = visible_version(session, caller, before_id)
    after = visible_version(session, caller, after_id)
    return list_changes(session, before, after, query.limit, query.cursor)
