"""Show a version, and how many of its images are deleted by now."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_version
from shared.schemas.versions import VersionDetail
from shared.versions.queries import read_version_detail


def handle(version_id: UUID, caller: Caller, session: Session) -> VersionDetail:
    """Get a version."""
    return read_version_detail(session, visible_version(session, caller, version_id))
